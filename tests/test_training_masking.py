import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.masking import mask


@pytest.mark.parametrize(
    ("question", "masked"),
    [
        ("Mail jo.doe+x@example.co.uk please", "Mail [email] please"),
        ("<mailto:jo@ex.com|jo@ex.com> cannot log in", "[email] cannot log in"),
        ("Call 555-0199 or +49 (0)170 123-4567 now", "Call [phone] or [phone] now"),
        ("(555) 123-4567, 1-800-555-0199, 030/123456", "[phone], [phone], [phone]"),
        ("Order 4012345678901 from <@U012ABCDEF>", "Order [phone] from [person]"),
        ("Token xoxb-12345678-abcdefghij fails", "Token [token] fails"),
        ("My key is AKIAIOSFODNN7EXAMPLE", "My key is [token]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "[token]"),
        ("Is ghp_16C7e42F292c6912E7710c838347Ae178B4a valid?", "Is [token] valid?"),
        ("password: hunter2! and pin is 4711", "password: [token] and pin is [token]"),
        ("https://user:pw@host/x?api_key=abc", "https://[token]@host/x?api_key=[token]"),
        ("Licence ABCD1-23EFG-HIJ45-6789K is refused", "Licence [token] is refused"),
        ("550e8400-e29b-41d4-a716-446655440000", "[token]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- why", "[token] why"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [token]"),
        ("https://hooks.slack.com/services/T0/B0/XXXX", "https://hooks.slack.com/services/[token]"),
    ],
)
def test_personal_data_and_secrets_are_masked(question, masked):
    assert mask(question) == masked


@pytest.mark.parametrize(
    "question",
    [
        "How do I reset the HD-7710 after error E-4?",
        "The router 192.168.100.200 and 192.168.0.1:8080 shows 1920x1080",
        "Installed on 12.05.2024 or 2024-05-12, firmware 2.4.1",
        "The password is wrong. What is the PIN code?",
        "Is the WF-1000XM4 like the UN55KU6300FXZA, part 123-456?",
        "state-of-the-art-2-in-1-design with easy-to-use-step-by-step-guide",
        "Between 20-25 degrees, 10 000 pages, 1,000,000 prints",
    ],
)
def test_codes_and_part_numbers_stay(question):
    assert mask(question) == question


@given(
    st.lists(
        st.sampled_from(["jo@ex.com", "+49 170 1234567", "pin:", "is", "E-4", "4711", "sk-abcdefgh1", "?"])
    )
)
def test_masking_what_is_masked_changes_nothing(words):
    masked = mask(" ".join(words))
    assert mask(masked) == masked
    assert "jo@ex.com" not in masked
    assert "1234567" not in masked
