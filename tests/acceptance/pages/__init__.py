"""Every page that people see, found by itself, with rows that show what each can show."""
