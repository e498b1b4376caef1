"""The sandbox's certificate authority, which signs its registries, and the bundle by which clients trust it.

Run as a module it makes both, unless they are there, and prints the bundle's path.
"""

import datetime
import ipaddress
import os
import pathlib
import ssl
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAYS = 3650


def ensure_authority(folder: pathlib.Path) -> None:
    """Makes the authority's key and certificate in `folder` (ca.key, ca.pem), unless they are there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / "ca.pem").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("azure-swarm sandbox")
    builder = _builder(name, name, key.public_key()).add_extension(x509.BasicConstraints(True, 0), critical=True)
    write_private(folder / "ca.key", _key_pem(key))
    # Last: whoever finds the certificate finds the key.
    write_private(folder / "ca.pem", builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def make_server_certificate(folder: pathlib.Path, address: str) -> tuple[bytes, bytes]:
    """Gives key and certificate, in PEM, of a server at an IPv4 address, signed by the authority in `folder`."""
    ensure_authority(folder)
    authority = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    issuer = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()).subject
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    builder = _builder(_name(address), issuer, key.public_key()).add_extension(names, critical=False)
    signed = builder.sign(authority, hashes.SHA256())  # type: ignore[arg-type]  # the authority's key is ours: EC
    return _key_pem(key), signed.public_bytes(serialization.Encoding.PEM)


def ensure_bundle(folder: pathlib.Path) -> pathlib.Path:
    """Makes the bundle of the system's authorities and ours: SSL_CERT_FILE replaces the system's own."""
    ensure_authority(folder)
    system = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    known = pathlib.Path(system).read_bytes() if pathlib.Path(system).exists() else b""
    bundle = folder / "bundle.pem"
    write_private(bundle, known + (folder / "ca.pem").read_bytes())
    return bundle


def write_private(path: pathlib.Path, content: bytes) -> None:
    """Writes a file that only its owner reads, whole or not at all."""
    fresh = path.with_suffix(f".{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


if __name__ == "__main__":
    print(ensure_bundle(pathlib.Path(sys.argv[1])))
