/// What a workbook may ask of memory and time, counted while it is unpacked: what a file says of itself binds nobody.
package struct WorkbookLimits: Sendable {
    /// Files in the archive; each costs memory as soon as the archive is opened.
    package var entries = 4096
    /// Bytes of the archive's directory.
    package var directoryBytes = 4 * 1024 * 1024
    /// Unpacked bytes of the parts that are read whole: workbook, styles, relations.
    package var smallPartBytes = 64 * 1024 * 1024
    /// Unpacked bytes of a sheet, and of the shared strings.
    package var largePartBytes = 16 * 1024 * 1024 * 1024
    /// Unpacked to packed bytes of a part, once `ratioFrom` bytes are unpacked. Deflate reaches 1,032 at most; sheets of the
    /// same few cells over and over reach 200.
    package var ratio = 400
    package var ratioFrom = 8 * 1024 * 1024
    /// Unpacked bytes of a large part in memory at a time; more only for a token that needs it.
    package var windowBytes = 128 * 1024
    /// Bytes of one tag or text between two tags.
    package var tokenBytes = 1024 * 1024
    /// Shared texts: bytes in memory, beyond that they lie in a scratch file; and their number, at four bytes each.
    package var sharedTextBytes = 80 * 1024 * 1024
    package var sharedTexts = 16 * 1024 * 1024

    package init() {}

    /// The grid that Excel has: 1,048,576 rows, columns A to XFD, and 32,767 UTF-16 units in a cell.
    static let rows = 1_048_576
    static let columns = 16384
    static let cellCharacters = 32767
}
