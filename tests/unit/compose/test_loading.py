"""What loading does beside reading keys: dialects, strictness, paths, and the names that the package offers."""

import pathlib

import pytest

import compose

_PLAIN = "services: {a: {image: nginx}}\n"


def _load(directory: pathlib.Path, text: str, **options: object) -> compose.Project:
    file = directory / "compose.yaml"
    file.write_text(text)
    return compose.load([file], "st", environment={}, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        (_PLAIN, compose.Dialect.STACK),
        ("version: '3.8'\n" + _PLAIN, compose.Dialect.STACK),
        ("name: st\n" + _PLAIN, compose.Dialect.SPEC),
        ("services: {a: {build: .}}\n", compose.Dialect.SPEC),
        ("services: {a: {image: nginx, build: .}}\n", compose.Dialect.SPEC),
        ("services: {a: {image: nginx, profiles: [x]}}\n", compose.Dialect.SPEC),
    ],
)
def test_the_dialect_is_what_the_file_needs(tmp_path: pathlib.Path, text: str, dialect: compose.Dialect) -> None:
    assert _load(tmp_path, text).dialect is dialect


def test_a_file_with_a_version_that_nobody_takes_is_refused_as_docker_would(tmp_path: pathlib.Path) -> None:
    with pytest.raises(compose.KeyRefused, match=r"version must be one of 3\.0 to 3\.13; got '3\.99'"):
        _load(tmp_path, "version: '3.99'\nservices: {a: {image: nginx, foo: x}}\n")


def test_a_build_without_an_image_leaves_the_image_open(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {build: {context: app, args: [A=1], target: t, dockerfile: D}}}\n"

    converted = compose.convert(_load(tmp_path, text))

    assert converted.builds == {"a": compose.Build(tmp_path / "app", "D", {"A": "1"}, "t")}
    assert converted.services["a"]["TaskTemplate"]["ContainerSpec"]["Image"] == ""
    assert "com.docker.stack.image" not in converted.services["a"]["Labels"]


def test_published_ports_are_listed_with_their_service(tmp_path: pathlib.Path) -> None:
    long = "{target: 53, published: 53, protocol: udp, mode: host}"
    text = f"services: {{a: {{image: nginx, ports: ['8080:80', 90, {long}]}}}}\n"

    converted = compose.convert(_load(tmp_path, text))

    assert converted.published == [
        compose.Published("a", 8080, 80, "tcp", "ingress"),
        compose.Published("a", 53, 53, "udp", "host"),
    ]


def test_the_order_of_creation_is_listed(tmp_path: pathlib.Path) -> None:
    text = "services: {a: {image: nginx, depends_on: {b: {condition: service_healthy}}}, b: {image: nginx}}\n"

    assert compose.convert(_load(tmp_path, text)).depends_on == {"a": {"b": "service_healthy"}}


def test_strict_refuses_what_has_no_effect(tmp_path: pathlib.Path) -> None:
    with pytest.raises(compose.StrictError) as caught:
        _load(tmp_path, "services: {a: {image: nginx, privileged: true}}\n", strict=True)

    assert str(caught.value) == (
        f"{tmp_path}/compose.yaml:1: services.a.privileged has no effect: a swarm service has no such setting."
    )


def test_strict_reaches_what_conversion_finds(tmp_path: pathlib.Path) -> None:
    project = _load(tmp_path, _PLAIN + "volumes: {v: {}}\n", strict=True, dialect=compose.Dialect.STACK)

    with pytest.raises(compose.StrictError, match=r"volumes\.v has no effect: no service mounts it"):
        compose.convert(project)


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {image: nginx, env_file: ../x.env}}\n",
        "services: {a: {image: nginx, env_file: a/../../x.env}}\n",
        "services: {a: {image: nginx, env_file: link.env}}\n",
        _PLAIN + "secrets: {s: {file: /etc/passwd}}\n",
        _PLAIN + "configs: {c: {file: ../x.env}}\n",
        "services: {a: {build: ..}}\n",
        "services: {a: {build: {context: app, dockerfile: ../../Dockerfile}}}\n",
        "include: [../x.yaml]\n",
        "include: [{path: inside.yaml, env_file: ../x.env}]\n",
        "include: [{path: inside.yaml, project_directory: ..}]\n",
        "services: {a: {extends: {service: a, file: ../x.yaml}}}\n",
    ],
)
def test_paths_stay_inside_of_the_project(tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / "x.env").write_text("A=1\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "inside.yaml").write_text(_PLAIN)
    (project / "link.env").symlink_to(tmp_path / "x.env")

    with pytest.raises(compose.KeyRefused, match=f"must be a path inside {project}, unless allow_outside is set"):
        compose.convert(_load(project, text))


def test_paths_may_leave_the_project_when_the_caller_says_so(tmp_path: pathlib.Path) -> None:
    (tmp_path / "x.env").write_text("A=1\n")
    project = tmp_path / "project"
    project.mkdir()

    loaded = _load(project, "services: {a: {image: nginx, env_file: ../x.env}}\n", allow_outside=True)

    assert loaded.services["a"]["environment"] == {"A": "1"}


def test_only_the_given_environment_counts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "x")

    loaded = _load(tmp_path, "services: {a: {image: nginx, environment: {A: '${FROM_OUTSIDE}', FROM_OUTSIDE: }}}\n")

    assert loaded.services["a"]["environment"] == {"A": "", "FROM_OUTSIDE": None}


def test_files_of_different_versions_are_refused(tmp_path: pathlib.Path) -> None:
    first, second = tmp_path / "one.yaml", tmp_path / "two.yaml"
    first.write_text("version: '3.8'\n" + _PLAIN)
    second.write_text("version: '3.9'\n" + _PLAIN)

    with pytest.raises(compose.KeyRefused) as caught:
        compose.load([first, second], "st", environment={}, dialect=compose.Dialect.STACK)

    assert str(caught.value) == f"{second}:1: version must be 3.8, as in {first}; got 3.9."


def test_no_file_is_refused() -> None:
    with pytest.raises(compose.ComposeError, match="At least one compose file must be given; got none"):
        compose.load([], "st", environment={})


def test_a_missing_file_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(compose.FileError, match=r"x\.yaml: the file cannot be read: No such file or directory\."):
        compose.load([tmp_path / "x.yaml"], "st", environment={})


@pytest.mark.parametrize("name", compose.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert hasattr(compose, name)


@pytest.mark.parametrize("dialect", compose.Dialect)
@pytest.mark.parametrize(
    ("service", "key", "got"),
    [
        ("image: 'nginx:${TAG}'", "image", "'nginx:'"),
        ("image: 'nginx:$TAG'", "image", "'nginx:'"),
        ("image: nginx, stop_grace_period: '${TAG}'", "stop_grace_period", "''"),
    ],
)
def test_a_refusal_names_the_variable_that_is_not_set(
    tmp_path: pathlib.Path, dialect: compose.Dialect, service: str, key: str, got: str
) -> None:
    with pytest.raises(compose.KeyRefused) as caught:
        compose.convert(_load(tmp_path, f"services: {{a: {{{service}}}}}\n", dialect=dialect))

    assert caught.value.key == f"services.a.{key}"
    assert caught.value.text.endswith(f"got {got}, since the variable TAG is not set.")


@pytest.mark.parametrize("image", ["'nginx:'", "'nginx:$${TAG}'", "'nginx:${TAG:-}'"])
def test_a_refusal_names_no_variable_where_none_is_missing(tmp_path: pathlib.Path, image: str) -> None:
    with pytest.raises(compose.KeyRefused) as caught:
        compose.convert(_load(tmp_path, f"services: {{a: {{image: {image}}}}}\n", dialect=compose.Dialect.STACK))

    assert "variable" not in caught.value.text


@pytest.mark.parametrize("dialect", compose.Dialect)
@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("replica", "; is deploy.replicas meant?"),
        ("replicas", "; is deploy.replicas meant?"),
        ("restart_polcy", "; is deploy.restart_policy meant?"),
        ("start_period", "; is healthcheck.start_period meant?"),
        ("imagee", "; is image meant?"),
        ("zzzzzz", "."),
    ],
)
def test_the_hint_of_an_unknown_key_looks_one_level_deeper(
    tmp_path: pathlib.Path, dialect: compose.Dialect, key: str, hint: str
) -> None:
    with pytest.raises(compose.KeyRefused) as caught:
        _load(tmp_path, f"services: {{a: {{image: x, {key}: 1}}}}\n", dialect=dialect)

    assert caught.value.text == f"is not a key of a service{hint}"
