"""Somebody becomes a member alone: captcha, mail, code, and a token that is linked by it."""

from uuid import uuid4

from tests.journey.running import Answer, Service, latest_code


def sign_up(service: Service, email: str, captcha_token: str) -> Answer:
    terms = {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
    body = {"email": email, "consents": [terms], "captcha_token": captcha_token}
    return service.ask("POST /v1/members", body)


def test_captcha_mail_and_code_make_a_member_and_link_the_token(service: Service) -> None:
    email = f"alone-{uuid4()}@example.com"
    solved = service.ask("POST /_dev/captcha").body["captcha_token"]
    signed = sign_up(service, email, solved)
    assert (signed.status, list(signed.body)) == (202, ["signup_id"])

    mail = service.ask("GET /_dev/mail").body["items"][0]
    assert (mail["to"], mail["channel"]) == (email, "mail")
    token = service.token(f"identity-{uuid4()}")
    proof = {
        "signup_id": signed.body["signup_id"],
        "channel": "email",
        "code": latest_code(service),
    }
    joined = service.ask("POST /v1/members/verify", proof, token=token)
    assert (joined.status, joined.body["status"]) == (200, "active")
    mine = service.ask("GET /v1/members/me", token=token)
    assert (mine.status, mine.body["member_id"]) == (200, joined.body["member_id"])

    used = sign_up(service, f"second-{uuid4()}@example.com", solved)
    assert (used.status, used.body["code"]) == (422, "captcha_refused")
