"""Bonuses for bringing somebody: the reasons of their entries."""

BROUGHT = "referral:brought"
JOINED = "referral:joined"
