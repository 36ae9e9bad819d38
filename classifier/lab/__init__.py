"""The attack lab: tiles, attackers and judges in one resumable run."""
