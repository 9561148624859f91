internal import ConnectorKit

/// What is wrong with a workbook as a whole, said so that an administrator knows what to do.
enum WorkbookFailure {
    /// The file is no workbook, and seems to be something else.
    static func notAWorkbook(_ name: String, _ kind: String, _ advice: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "not_a_workbook",
            message: "\(name) is \(kind), not an Excel workbook; \(advice)."
        )
    }

    /// The archive around the parts is damaged.
    static func damaged(_ name: String, _ reason: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "workbook_damaged",
            message: "\(name) is damaged or was not copied whole (\(reason)); export or upload it again."
        )
    }

    /// A part that should be there isn't.
    static func partMissing(_ name: String, _ part: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "part_missing",
            message: "\(name) lacks its part \(part); open it in Excel, let it be repaired, and save it anew."
        )
    }

    /// A part holds no XML as it should.
    static func partBroken(_ name: String, _ part: String, _ reason: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "part_broken",
            message:
                "The part \(part) of \(name) can't be read: \(reason); open it in Excel, let it be repaired, and save "
                + "it anew."
        )
    }

    /// More than a limit allows.
    static func tooLarge(_ name: String, _ reason: String) -> ConnectorFailure {
        ConnectorFailure(.data, code: "workbook_too_large", message: "\(name) is refused: \(reason).")
    }

    /// A document type declaration, which no workbook has and attacks need.
    static func documentType(_ name: String, _ part: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "doctype_refused",
            message:
                "The part \(part) of \(name) declares a document type, which no spreadsheet program writes; it may be an "
                + "attack, ask where the file comes from."
        )
    }

    /// A password protects the file.
    static func encrypted(_ name: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "workbook_encrypted",
            message:
                "\(name) is encrypted with a password; open it in Excel, clear the password under File, Info, Protect "
                + "Workbook, Encrypt with Password, and save it."
        )
    }
}
