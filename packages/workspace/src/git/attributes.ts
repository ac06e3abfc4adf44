/**
 * The `info/attributes` of every git folder of ours: each file is taken as the bytes it has in the repository, whatever
 * a `.gitattributes` says. No filter, no line ends, no hidden diff: what is checked out, tested, saved and pushed is the
 * same, and LFS pointers stay pointers.
 */
export const plainAttributes = "* -text !eol !crlf !ident !filter !working-tree-encoding !diff !merge\n"
