"""What the name of a size says, with names of Azure's list."""

import pytest

from components import sizes

_PREMIUM = "a size with the letter s, which takes Premium disks, where the disk is Premium_LRS"


@pytest.mark.parametrize(
    "size",
    ["Standard_D2ps_v5", "Standard_D2pls_v5", "Standard_D4plds_v6", "Standard_E2pds_v5", "Standard_B2pts_v2"],
)
def test_the_letter_p_is_arm(size: str) -> None:
    assert sizes.is_arm(size) is True


@pytest.mark.parametrize(
    "size",
    [
        "Standard_B2als_v2",
        "Standard_D2as_v5",
        "Standard_DS2_v2",
        "Standard_DS2_v2_Promo",
        "Standard_E4-2ads_v5",
        "Standard_NP10s",
        "Standard_PB6s",
        "Standard_HB120-16rs_v3",
        "Standard_NC24ads_A100_v4",
    ],
)
def test_any_other_size_is_x64(size: str) -> None:
    assert sizes.is_arm(size) is False


@pytest.mark.parametrize(
    "size",
    [
        "Standard_B1s",
        "Standard_B2als_v2",
        "Standard_D2as_v5",
        "Standard_D2ps_v5",
        "Standard_DS2_v2",
        "Standard_DS12-1_v2",
        "Standard_GS5-16",
        "Standard_F2s_v2",
        "Standard_F4s",
        "Standard_E4-2ads_v5",
        "Standard_L8s_v3",
        "Standard_NC24ads_A100_v4",
        "Standard_NV6ads_A10_v5",
        # Of the M series, Azure says, these take them without the letter.
        "Standard_M64",
        "Standard_M128m",
    ],
)
def test_a_size_with_the_letter_s_takes_premium_disks(size: str) -> None:
    assert sizes.expected_size(size, "Premium_LRS") is None


@pytest.mark.parametrize(
    "size",
    [
        "Standard_A2_v2",
        "Standard_A2m_v2",
        "Standard_D2_v2",
        "Standard_D2_v3",
        "Standard_D2a_v4",
        "Standard_D2d_v4",
        "Standard_E4a_v4",
        "Standard_F2",
        "Standard_G1",
        "Standard_H8",
        "Standard_NC6",
        "Standard_NV6",
    ],
)
def test_a_size_without_it_takes_none(size: str) -> None:
    assert sizes.expected_size(size, "Premium_LRS") == _PREMIUM
    assert sizes.expected_size(size, "StandardSSD_LRS") is None
