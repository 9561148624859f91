internal import ConnectorKit

/// Tells a workbook from what people also call one, by its first bytes.
enum WorkbookSignature {
    /// Whether a file is a zip archive, or an Office file of another time: what can only be refused as a workbook is, too.
    static func isWorkbook(_ start: [UInt8]) -> Bool {
        start.starts(with: archive) || start.starts(with: emptyArchive) || start.starts(with: compound)
    }

    /// Throws what is to be done about a file that is no zip archive.
    static func check(_ file: InputFile) throws(ConnectorFailure) {
        let start = try file.bytes(0..<min(file.size, FileFormat.startBytes))
        guard !start.isEmpty else {
            throw ConnectorFailure(
                .data,
                code: "file_empty",
                message: "\(file.name) is empty; check the export that wrote it."
            )
        }
        if start.starts(with: compound) { throw try compoundContradiction(file) }
        // Junk before the archive is libzip's to judge; that nothing of an archive is there is said better here.
        if start.starts(with: archive) || start.starts(with: emptyArchive) { return }
        let text = start.prefix(1024).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        if ["<html", "<!doctype html", "<table"].contains(where: { text.span.firstIndex(of: $0) != nil }) {
            throw WorkbookFailure.notAWorkbook(file.name, "a web page", "open it in Excel and save it as .xlsx")
        }
        if let declaration = text.span.firstIndex(of: "<?xml"), declaration <= 3 {
            throw WorkbookFailure.notAWorkbook(file.name, "an XML file", "open it in Excel and save it as .xlsx")
        }
        if !start.contains(0), String(validating: start.dropLast(3), as: UTF8.self) != nil {
            throw WorkbookFailure.notAWorkbook(
                file.name,
                "a text file",
                "if it is CSV, leave the setting format out or set it to csv"
            )
        }
        if start.allSatisfy({ $0 == 0 }) {
            throw WorkbookFailure.damaged(file.name, "it begins with zero bytes only")
        }
    }

    private static let archive: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
    private static let emptyArchive: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    /// A compound file: an old workbook, or a new one inside an envelope of encryption.
    ///
    /// Sources: MS-CFB, section 2.2 (header); MS-OFFCRYPTO, section 2.3.4.4 (the stream EncryptedPackage).
    private static let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    private static func compoundContradiction(_ file: InputFile) throws(ConnectorFailure) -> ConnectorFailure {
        // The names of the streams stand in UTF-16 somewhere in the file; its directory begins a sector, in most files early.
        let wanted = [("EncryptedPackage", true), ("Workbook", false), ("Book", false)]
        for (name, isEncrypted) in wanted where try holds(file, name) {
            if isEncrypted { return WorkbookFailure.encrypted(file.name) }
            break
        }
        return WorkbookFailure.notAWorkbook(
            file.name,
            "an old workbook of Excel 97 to 2003 (.xls) or another Office file of that time",
            "open it in Excel and save it as .xlsx"
        )
    }

    private static func holds(_ file: InputFile, _ name: String) throws(ConnectorFailure) -> Bool {
        let wanted = String(decoding: name.utf8.flatMap { [$0, 0] }, as: UTF8.self)
        var offset = 0
        let step = 1024 * 1024
        while offset < min(file.size, 64 * step) {
            let bytes = try file.bytes(offset..<min(file.size, offset + step + 2 * name.utf8.count))
            if bytes.span.firstIndex(of: wanted) != nil { return true }
            offset += step
        }
        return false
    }
}
