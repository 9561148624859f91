/// What a mapping made of one source batch: target columns over the same rows, and what is wrong with some of them.
package struct MappedBatch: Sendable {
    package var entity: Entity
    /// Rows of the source batch; every array below that is "per row" has this length.
    package var count: Int
    /// The mapped target columns, in the order of `Entity.fields`, then `attributes.*` by name. Only mapped ones.
    package var columns: [MappedColumn]
    /// The rows without a failure, rising.
    package var accepted: [Int32]
    /// Where each row stands in the source (line, row, byte offset, index), per row.
    package var locators: [Int64]
    package var rejects: [RowReject]
    package var warnings: [RowWarning]
    /// The source row, field by field, for a row that is refused later (its e-mail is taken); nil where there is none.
    package var raw: (@Sendable (_ row: Int) -> [RawField])?

    package init(
        entity: Entity,
        count: Int,
        columns: [MappedColumn],
        accepted: [Int32],
        locators: [Int64],
        rejects: [RowReject] = [],
        warnings: [RowWarning] = [],
        raw: (@Sendable (_ row: Int) -> [RawField])? = nil
    ) {
        self.entity = entity
        self.count = count
        self.columns = columns
        self.accepted = accepted
        self.locators = locators
        self.rejects = rejects
        self.warnings = warnings
        self.raw = raw
    }
}

/// The values of one target field, as UTF-8 (dates in ISO form, numbers in decimal).
package struct MappedColumn: Sendable {
    package var target: TargetField
    package var write: WriteRule
    package var empty: EmptyRule
    /// A `ValueState` raw value per row.
    package var states: [UInt8]
    /// `count + 1` offsets into `bytes`.
    package var offsets: [Int32]
    package var bytes: [UInt8]

    package init(
        target: TargetField,
        write: WriteRule = .always,
        empty: EmptyRule = .ignore,
        states: [UInt8],
        offsets: [Int32],
        bytes: [UInt8]
    ) {
        self.target = target
        self.write = write
        self.empty = empty
        self.states = states
        self.offsets = offsets
        self.bytes = bytes
    }

    /// The value of one row; nil where it has none. For single values: loops go by `offsets` and `bytes`.
    package func text(_ row: Int) -> String? {
        guard states[row] == ValueState.value.rawValue else { return nil }
        return String(decoding: bytes[Int(offsets[row])..<Int(offsets[row + 1])], as: UTF8.self)
    }
}

/// What a mapped cell says.
public enum ValueState: UInt8, Sendable {
    /// Write these bytes.
    case value = 0
    /// Say nothing: what stands in TrainFlow stays.
    case absent = 1
    /// Erase what stands in TrainFlow.
    case erase = 2
    /// The cell failed; the row is among the rejects.
    case failed = 3
}

/// One source row that can't be taken, with every field that is wrong about it.
package struct RowReject: Sendable, Equatable {
    package var row: Int32
    package var locator: Int64
    /// The external id, if it could be read.
    package var key: String?
    package var failures: [FieldFailure]
    /// The source row, field by field, as text.
    package var raw: [RawField]
    /// It refers to something that is not known yet, and is tried again by later runs.
    package var isWaiting = false

    package init(row: Int32, locator: Int64, key: String?, failures: [FieldFailure], raw: [RawField]) {
        self.row = row
        self.locator = locator
        self.key = key
        self.failures = failures
        self.raw = raw
    }
}

package struct RawField: Sendable, Equatable {
    package var name: String
    /// nil for null.
    package var value: String?
    /// Whether the source's row doesn't have the field at all.
    package var isAbsent: Bool

    /// Bytes of a value that are kept: it is there to be looked at, and a reject may be one of very many.
    package static let largestValue = 64 << 10

    package init(name: String, value: String?, isAbsent: Bool = false) {
        self.name = name
        self.value = value
        self.isAbsent = isAbsent
    }
}

/// Why one field of one row was refused.
package struct FieldFailure: Sendable, Equatable {
    /// The target field; for a row spoiled by its source, the source field or "".
    package var field: String
    /// The source field it is mapped from; "" if none.
    package var source: String
    /// Stable: `required`, `invalid_email`, `invalid_date`, `unlisted_value` …
    package var code: String
    /// What is wrong, in a sentence, for the tenant's people.
    package var message: String
    /// What to do.
    package var hint: String
    /// The raw value; nil if there was none.
    package var value: String?

    package init(field: String, source: String, code: String, message: String, hint: String, value: String?) {
        self.field = field
        self.source = source
        self.code = code
        self.message = message
        self.hint = hint
        self.value = value
    }
}

/// Odd but possible: counted and kept beside the run, the row is written.
package struct RowWarning: Sendable, Equatable {
    package var row: Int32
    package var locator: Int64
    package var field: String
    package var code: String
    package var message: String

    package init(row: Int32, locator: Int64, field: String, code: String, message: String) {
        self.row = row
        self.locator = locator
        self.field = field
        self.code = code
        self.message = message
    }
}
