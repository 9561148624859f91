package import ConnectorKit

/// An Excel workbook: a stream for each sheet that isn't hidden.
package struct WorkbookFile: RecordFile {
    let file: InputFile
    let options: SheetOptions
    let workbook: Workbook
    let sharedTexts: SharedTexts
    let rules: CellRules

    /// Reads all but the sheets.
    package init(
        _ file: InputFile,
        _ options: SheetOptions,
        _ context: OperationContext
    ) throws(ConnectorFailure) {
        try self.init(file, options, WorkbookLimits(), context)
    }

    /// Without the scanner all is read with expat, to the same result.
    package init(
        _ file: InputFile,
        _ options: SheetOptions,
        _ limits: WorkbookLimits,
        _ context: OperationContext,
        usesScanner: Bool = true
    ) throws(ConnectorFailure) {
        self.file = file
        self.options = options
        try WorkbookSignature.check(file)
        workbook = try Workbook(ZipArchive(file, limits), context)
        sharedTexts = try workbook.sharedTexts(context, usesScanner: usesScanner)
        rules = CellRules(
            styles: workbook.styles,
            dates: SerialDate(is1904: workbook.is1904),
            sharedTexts: sharedTexts.count
        )
    }

    // MARK: - Streams

    package func streams(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription] {
        let sheets = try offered
        var streams: [StreamDescription] = []
        for sheet in sheets {
            do throws(ConnectorFailure) {
                let (header, fields) = try SheetReader.fields(of: sheet, in: self, context)
                let name = sheets.count == 1 ? file.name : sheet.name
                streams.append(StreamDescription(name, fields: fields, found: found(sheet, header)))
            } catch {
                // A sheet without cells is no stream, unless it is all there is.
                guard error.code == SheetHeader.emptyCode, sheets.count > 1 else { throw error }
            }
        }
        return streams
    }

    package func reader(
        _ request: PullRequest,
        _ context: OperationContext
    ) throws(ConnectorFailure) -> any RecordReader {
        try SheetReader(sheet(ofStream: request.stream), in: self, request, context)
    }

    // MARK: - Sheets

    /// The sheets of cells that aren't hidden, or the one that the settings choose.
    private var offered: [Workbook.Sheet] {
        get throws(ConnectorFailure) {
            if let wanted = options.sheet { return [try chosen(wanted)] }
            let visible = workbook.sheets.filter { $0.part != nil && !$0.isHidden }
            guard !visible.isEmpty else {
                throw ConnectorFailure(
                    .data,
                    code: "sheet_missing",
                    message:
                        "\(file.name) has no sheet of cells that isn't hidden; name one in the setting sheet, or show it in "
                        + "Excel.",
                    pointer: "/sheet"
                )
            }
            return visible
        }
    }

    private func chosen(_ wanted: String) throws(ConnectorFailure) -> Workbook.Sheet {
        let ofCells = workbook.sheets.filter { $0.part != nil }
        // Excel's sheet names don't tell case apart.
        if let sheet = ofCells.first(where: { $0.name == wanted })
            ?? ofCells.first(where: { $0.name.lowercased() == wanted.lowercased() })
        {
            return sheet
        }
        let visible = ofCells.filter { !$0.isHidden }
        if let number = Int(wanted), visible.indices.contains(number - 1) { return visible[number - 1] }
        throw unknown(wanted, pointer: "/sheet", among: ofCells)
    }

    private func sheet(ofStream name: String) throws(ConnectorFailure) -> Workbook.Sheet {
        let sheets = try offered
        if sheets.count == 1 { return sheets[0] }
        guard let sheet = sheets.first(where: { $0.name == name }) else {
            throw unknown(name, pointer: nil, among: sheets)
        }
        return sheet
    }

    private func unknown(_ name: String, pointer: String?, among sheets: [Workbook.Sheet]) -> ConnectorFailure {
        let shown = sheets.prefix(20).map { "“\($0.name)”" + ($0.isHidden ? " (hidden)" : "") }.joined(separator: ", ")
        let more = sheets.count > 20 ? " and \(sheets.count - 20) more" : ""
        return ConnectorFailure(
            pointer == nil ? .notFound : .config,
            code: "sheet_unknown",
            message: "\(file.name) has no sheet “\(name)”; it has \(shown)\(more).",
            pointer: pointer
        )
    }

    /// What nobody told about a sheet.
    func found(_ sheet: Workbook.Sheet, _ header: SheetHeader) -> [String: String] {
        var found = ["format": FileFormat.xlsx.rawValue, "sheet": sheet.name, "columns": header.letters]
        found["header_row"] = header.number.map(String.init)
        if options.trailer != nil { found["declared_by"] = "trailer" }
        if workbook.is1904 { found["epoch"] = "1904" }
        let hidden = workbook.sheets.filter { $0.isHidden && $0.part != nil }.map(\.name)
        if !hidden.isEmpty { found["hidden_sheets"] = hidden.joined(separator: ", ") }
        return found
    }

    /// The rows of a sheet from its start.
    func rows(
        of sheet: Workbook.Sheet,
        _ context: OperationContext,
        usesScanner: Bool = true
    ) throws(ConnectorFailure) -> SheetRows {
        guard let part = sheet.part, workbook.archive.has(part) else {
            throw WorkbookFailure.partMissing(
                file.name,
                sheet.part.flatMap { $0.isEmpty ? nil : $0 } ?? "of “\(sheet.name)”"
            )
        }
        return try SheetRows(part, in: workbook.archive, rules, context, usesScanner: usesScanner)
    }
}
