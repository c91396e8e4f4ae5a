"""The endpoints: parse, call, answer. No rules here."""
