/** Line between the two parts of the prelude's text: the main one, then the streams. */
export const PART_SEPARATOR = "\n//# moc: streams\n";
