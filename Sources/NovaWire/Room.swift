// Opens with what the room is for; replaced by its first file.
