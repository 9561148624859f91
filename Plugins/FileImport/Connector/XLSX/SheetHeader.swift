internal import ConnectorKit

/// Which columns of a sheet are read, what they are called, and where the records begin.
struct SheetHeader: Equatable {
    var names: [String]
    /// Of the first name, from 0.
    var firstColumn: Int
    /// How many rows of the sheet come before the records, the header's included.
    var rows: Int
    /// Of the row with the names; nil if none has them.
    var number: Int?
    /// The numbers of the rows above the header that hold something: titles.
    var titles: [Int]
    /// The number of a header row that holds no text at all.
    var doubtful: Int?

    static let emptyCode = "sheet_empty"

    /// Rows with a single cell above the header, at most.
    private static let mostTitles = 20

    var columns: Range<Int> { firstColumn..<firstColumn + names.count }

    /// As Excel names them: `B:F`.
    var letters: String {
        "\(CellReference.name(ofColumn: firstColumn)):\(CellReference.name(ofColumn: columns.upperBound - 1))"
    }

    /// Looks at the start of a sheet; at all of it where no row names the columns, since only that tells how many there are.
    init(of sheet: Workbook.Sheet, in file: WorkbookFile, _ context: OperationContext) throws(ConnectorFailure) {
        let rows = try file.rows(of: sheet, context)
        var start = Start()
        var row = SheetRow()
        while !start.isDecided(file.options.hasHeader), try rows.next(into: &row) {
            start.take(row, at: rows.count, try file.values(of: row))
        }
        guard let header = start.header(file.options.hasHeader) else {
            guard !start.filled.isEmpty else { throw Self.empty(sheet, file) }
            try self.init(withoutNames: sheet, in: file, context)
            return
        }
        let columns = header.values.map(\.column)
        let first = columns.min() ?? 0
        var names = [String](repeating: "", count: (columns.max() ?? 0) - first + 1)
        for value in header.values { names[value.column - first] = value.text }
        self.init(
            names: try Self.checked(names, file),
            firstColumn: first,
            rows: header.position,
            number: header.number,
            titles: start.filled.prefix { $0.position < header.position }.map(\.number),
            doubtful: header.values.contains(where: \.isText) ? nil : header.number
        )
    }

    private init(
        names: [String],
        firstColumn: Int,
        rows: Int,
        number: Int? = nil,
        titles: [Int],
        doubtful: Int? = nil
    ) {
        self.names = names
        self.firstColumn = firstColumn
        self.rows = rows
        self.number = number
        self.titles = titles
        self.doubtful = doubtful
    }

    /// All columns between the first and the last that hold something.
    private init(
        withoutNames sheet: Workbook.Sheet,
        in file: WorkbookFile,
        _ context: OperationContext
    ) throws(ConnectorFailure) {
        let rows = try file.rows(of: sheet, context)
        var row = SheetRow()
        var first = Int.max
        var last = Int.min
        while try rows.next(into: &row) {
            for cell in row.cells where !file.isEmpty(cell) {
                first = min(first, Int(cell.column))
                last = max(last, Int(cell.column))
            }
        }
        let names = [String](repeating: "", count: last - first + 1)
        self.init(names: try Self.checked(names, file), firstColumn: first, rows: 0, titles: [])
    }

    private static func checked(_ names: [String], _ file: WorkbookFile) throws(ConnectorFailure) -> [String] {
        guard names.count <= Header.maxColumns else {
            throw ConnectorFailure(
                .data,
                code: "too_many_columns",
                message: "\(file.file.name) has \(names.count) columns; \(Header.maxColumns) are possible."
            )
        }
        let header = Header(names)
        if let name = header.reservedName {
            throw ConnectorFailure(
                .data,
                code: "header_reserved",
                message:
                    "The column \(name) of \(file.file.name) has a name that begins with _tf_; give it another one."
            )
        }
        return header.names
    }

    private static func empty(_ sheet: Workbook.Sheet, _ file: WorkbookFile) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: emptyCode,
            message: "The sheet “\(sheet.name)” of \(file.file.name) holds no values; check the export that wrote it."
        )
    }

    // MARK: - Finding it

    /// The first rows that hold something.
    private struct Start {
        struct Filled {
            var number: Int
            /// Among all rows of the sheet, from 1.
            var position: Int
            var values: [Value]
        }

        var filled: [Filled] = []

        mutating func take(_ row: SheetRow, at position: Int, _ values: [Value]) {
            if !values.isEmpty { filled.append(Filled(number: row.number, position: position, values: values)) }
        }

        func isDecided(_ hasHeader: Bool?) -> Bool {
            guard let last = filled.last else { return false }
            return hasHeader != nil || last.values.count > 1 || filled.count > SheetHeader.mostTitles
        }

        /// The row that names the columns; nil if none does.
        ///
        /// Unless told, it is the first with more than one cell, since a title above a table stands in a cell of its own.
        func header(_ hasHeader: Bool?) -> Filled? {
            switch hasHeader {
            case true: return filled.first
            case false: return nil
            case nil: return filled.first { $0.values.count > 1 } ?? filled.first
            }
        }
    }

    struct Value {
        var column: Int
        var text: String
        var isText: Bool
    }
}

extension WorkbookFile {
    /// Whether a cell holds no character: a shared text may be empty.
    func isEmpty(_ cell: SheetRow.Cell) -> Bool {
        cell.kind == .shared && sharedTexts.range(Int(cell.start)).isEmpty && !sharedTexts.isTooLong(Int(cell.start))
    }

    /// A cell's value.
    func text(of cell: SheetRow.Cell, in row: SheetRow) throws(ConnectorFailure) -> String {
        if cell.kind == .shared { return String(decoding: try sharedTexts.text(Int(cell.start)), as: UTF8.self) }
        return String(decoding: row.text[Int(cell.start)..<Int(cell.start + cell.count)], as: UTF8.self)
    }

    fileprivate func values(of row: SheetRow) throws(ConnectorFailure) -> [SheetHeader.Value] {
        try row.cells.filter { !isEmpty($0) }.map { cell throws(ConnectorFailure) in
            SheetHeader.Value(
                column: Int(cell.column),
                text: try text(of: cell, in: row),
                isText: cell.kind == .shared || cell.kind == .text
            )
        }
    }
}
