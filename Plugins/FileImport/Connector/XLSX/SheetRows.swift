internal import ConnectorKit

/// The rows of a sheet in the order in which it has them: scanned, or read by expat from where the scanner gave up.
final class SheetRows {
    /// Rows given so far, empty ones too.
    private(set) var count = 0
    private let archive: ZipArchive
    private let partName: String
    private let rules: CellRules
    private let context: OperationContext
    private var way: Way
    private var scanner = SheetScanner()
    private var window: PartWindow
    private var parser: Parser?

    private enum Way {
        case scanner
        case expat
        case ended
    }

    private struct Parser {
        var reader: XMLReader
        var listener: SheetListener
    }

    init(
        _ partName: String,
        in archive: ZipArchive,
        _ rules: CellRules,
        _ context: OperationContext,
        usesScanner: Bool = true
    ) throws(ConnectorFailure) {
        self.archive = archive
        self.partName = partName
        self.rules = rules
        self.context = context
        way = .scanner
        window = PartWindow(try archive.part(partName, maxBytes: archive.limits.largePartBytes))
        if !usesScanner { try startOver() }
    }

    /// Whether the scanner was enough so far.
    var isScanned: Bool { parser == nil }

    /// Reads the next row; false at the end, where the part's checksum is compared.
    func next(into row: inout SheetRow) throws(ConnectorFailure) -> Bool {
        switch way {
        case .ended:
            return false
        case .scanner:
            if try scan(into: &row) { return true }
            return way == .expat ? try parse(into: &row) : false
        case .expat:
            return try parse(into: &row)
        }
    }

    private func scan(into row: inout SheetRow) throws(ConnectorFailure) -> Bool {
        while true {
            switch scanner.scan(window.bytes.span, end: window.end, isLast: window.isLast, rules, into: &row) {
            case .row:
                count += 1
                return true
            case .more:
                guard try window.fill(keepingFrom: scanner.position, context) else {
                    try startOver()
                    return false
                }
                scanner.position = 0
            case .ended:
                way = .ended
                return false
            case .odd:
                try startOver()
                return false
            }
        }
    }

    private func parse(into row: inout SheetRow) throws(ConnectorFailure) -> Bool {
        guard let parser else { return false }
        try parser.reader.advance()
        guard parser.listener.hasRow else {
            way = .ended
            return false
        }
        row = parser.listener.row
        parser.listener.tookRow()
        count += 1
        return true
    }

    /// With expat from the start, past the rows that were given.
    private func startOver() throws(ConnectorFailure) {
        let part = try archive.part(partName, maxBytes: archive.limits.largePartBytes)
        let listener = SheetListener(rules, fileName: archive.file.name, partName: partName)
        parser = Parser(reader: try XMLReader(part, listener, context), listener: listener)
        way = .expat
        let given = count
        count = 0
        try skip(given)
    }

    /// Passes over rows.
    func skip(_ rows: Int) throws(ConnectorFailure) {
        var row = SheetRow()
        while count < rows, try next(into: &row) {}
    }
}
