internal import ConnectorKit

/// A workbook's table of contents.
struct Workbook {
    struct Sheet: Equatable {
        var name: String
        var isHidden: Bool
        /// The part that holds its cells; nil for sheets of charts, dialogues and macros.
        var part: String?
    }

    let archive: ZipArchive
    /// In the order of their tabs.
    private(set) var sheets: [Sheet] = []
    private(set) var is1904 = false
    private(set) var styles = Styles()
    private let sharedTextsPart: String?

    /// Opens an archive and reads all but the cells.
    ///
    /// Sources: ECMA-376 part 1, 18.2.27 (workbook); part 2, clause 6 (the package).
    init(_ archive: ZipArchive, _ context: OperationContext) throws(ConnectorFailure) {
        self.archive = archive
        let name = try Self.partName(in: archive, context)
        let listener = Listener()
        try XMLReader(archive.part(name, maxBytes: archive.limits.smallPartBytes), listener, context).advance()
        guard listener.root == "workbook" else {
            throw WorkbookFailure.notAWorkbook(
                archive.file.name,
                "another kind of document",
                "save it as .xlsx in Excel"
            )
        }
        let relations = try Relations(of: name, in: archive, context)
        sheets = listener.sheets.map { sheet in
            let relation = sheet.relation.flatMap { relations.byID[$0] }
            let isOfCells = relation == nil || relation?.type == "worksheet"
            return Sheet(name: sheet.name, isHidden: sheet.isHidden, part: isOfCells ? relation?.target ?? "" : nil)
        }
        is1904 = listener.is1904
        sharedTextsPart = relations.target(ofType: "sharedStrings")
        if let part = relations.target(ofType: "styles"), archive.has(part) {
            styles = try Styles(archive.part(part, maxBytes: archive.limits.smallPartBytes), context)
        }
    }

    /// The texts that cells share; none if the workbook has no such part.
    func sharedTexts(_ context: OperationContext, usesScanner: Bool) throws(ConnectorFailure) -> SharedTexts {
        guard let name = sharedTextsPart, archive.has(name) else { return SharedTexts() }
        return try SharedTexts.read(name, in: archive, context, usesScanner: usesScanner)
    }

    // MARK: - The main part

    private static func partName(in archive: ZipArchive, _ context: OperationContext) throws(ConnectorFailure) -> String
    {
        var name = usualName
        if archive.has("_rels/.rels") {
            name = try Relations(of: "", in: archive, context).target(ofType: "officeDocument") ?? name
        }
        guard archive.has(name) else { throw contradiction(archive) }
        guard !name.lowercased().hasSuffix(".bin") else {
            throw WorkbookFailure.notAWorkbook(
                archive.file.name,
                "a binary workbook (.xlsb)",
                "open it in Excel and save it as .xlsx"
            )
        }
        guard !name.hasPrefix("word/"), !name.hasPrefix("ppt/") else { throw contradiction(archive) }
        return name
    }

    private static let usualName = "xl/workbook.xml"

    private static func contradiction(_ archive: ZipArchive) -> ConnectorFailure {
        let file = archive.file.name
        for (part, kind) in others where archive.has(part) {
            return WorkbookFailure.notAWorkbook(file, kind, "open it and save it as .xlsx")
        }
        if archive.has("[Content_Types].xml") { return WorkbookFailure.partMissing(file, usualName) }
        return WorkbookFailure.notAWorkbook(file, "another zip archive", "unpack it and hand in the workbook")
    }

    private static let others = [
        ("word/document.xml", "a Word document"), ("ppt/presentation.xml", "a PowerPoint presentation"),
        ("content.xml", "an OpenDocument file"), ("xl/workbook.bin", "a binary workbook (.xlsb)"),
        ("Index/Document.iwa", "a Numbers or Pages document"),
    ]

    private final class Listener: XMLListener {
        var root: String?
        var is1904 = false
        var sheets: [(name: String, isHidden: Bool, relation: String?)] = []
        private var path: [String] = []

        func started(_ name: String, _ attributes: XMLAttributes) {
            root = root ?? name
            path.append(name)
            if name == "workbookPr", path.count == 2 {
                is1904 = ["1", "true", "on"].contains(attributes.value("date1904"))
            } else if name == "sheet", path.count == 3, path[1] == "sheets" {
                let state = attributes.value("state")
                sheets.append(
                    (
                        attributes.value("name") ?? "Sheet\(sheets.count + 1)",
                        state == "hidden" || state == "veryHidden",
                        attributes.value("id", prefixed: true)
                    )
                )
            }
        }

        func ended(_ name: String) {
            path.removeLast()
        }
    }
}
