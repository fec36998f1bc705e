"""Operations on the durable data: backup, verification, restore, rebuilding, erasing, retention."""
