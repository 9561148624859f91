internal import Columns
internal import JSON

/// What a source says about its rows beside their values.
///
/// Source: "Reserved columns" in `PluginABI/trainflow_plugin.h`.
struct ReservedColumns {
    /// Where each row stands in the source; nil where the source doesn't say.
    let locators: [Int64]?
    /// The rows that are not taken whatever their values are, rising.
    let spoiled: [Int]
    private let error: Column?
    private let raw: Column?
    private let operation: Column?

    static func isReserved(_ name: String) -> Bool { name.hasPrefix("_tf_") }

    init(_ batch: Batch) {
        let at = batch.column(named: "_tf_at")
        locators = at.map { $0.integers() }
        let error = batch.column(named: "_tf_error")
        let operation = batch.column(named: "_tf_op")
        self.error = error
        self.operation = operation
        raw = batch.column(named: "_tf_raw")
        var spoiled: [Int] = []
        if error.map({ $0.nullCount < batch.count }) ?? false || operation != nil {
            spoiled = (0..<batch.count).filter { row in
                error?.isValid(row) ?? false || (operation?.integer(row) ?? 0) != 0
            }
        }
        self.spoiled = spoiled
    }

    /// What the source found wrong with a spoiled row.
    func failure(_ row: Int) -> FieldFailure {
        if let text = error?.displayText(row) { return SourceError(text).failure }
        let isDelete = operation?.integer(row) == 1
        return FieldFailure(
            field: "",
            source: "",
            code: isDelete ? "delete_not_supported" : "unknown_operation",
            message: isDelete
                ? "The source says that this record was deleted; deletions are not carried out."
                : "The source asks for an operation with this record that is neither put nor delete.",
            hint: isDelete
                ? "End the record in TrainFlow, or have the source send it with an ended status."
                : "Tell whoever made the connector.",
            value: nil
        )
    }

    /// The row as it stands in the source; nil where only its values are known.
    func rawText(_ row: Int) -> String? {
        raw?.displayText(row, limit: RawField.largestValue)
    }
}

extension Column {
    /// All integers of a column without nulls.
    fileprivate func integers() -> [Int64] {
        guard field.type == .int64, validity.isEmpty else { return (0..<count).map { integer($0) ?? 0 } }
        let bytes = bytes.span
        return (0..<count).map { row in
            var value: UInt64 = 0
            for index in 0..<8 { value |= UInt64(bytes[row &* 8 &+ index]) << UInt64(8 &* index) }
            return Int64(bitPattern: value)
        }
    }
}

/// The JSON in `_tf_error`: `code`, `field`, `message`.
private struct SourceError {
    var failure: FieldFailure

    init(_ text: String) {
        failure = FieldFailure(
            field: "",
            source: "",
            code: "source_error",
            message: text.isEmpty ? "The source could not read this row." : text,
            hint: "Correct the row at the source.",
            value: nil
        )
        // What a connector writes is shown as it is where it isn't the JSON that it should be.
        guard let object = Self.object(text) else { return }
        if let code = object["code"]?.stringValue, !code.isEmpty { failure.code = code }
        if let message = object["message"]?.stringValue, !message.isEmpty { failure.message = message }
        if let hint = object["hint"]?.stringValue, !hint.isEmpty { failure.hint = hint }
        if let field = object["field"]?.stringValue {
            failure.field = field
            failure.source = field
        }
    }

    private static func object(_ text: String) -> JSONObject? {
        do throws(JSONError) {
            return try JSONValue(parsing: text).objectValue
        } catch {
            return nil
        }
    }
}
