"""What the OpenAPI document says beyond the serializers. No rules about requests here."""
