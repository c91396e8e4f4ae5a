"""What the OpenAPI document says beyond what serializers say. No rules about requests here."""
