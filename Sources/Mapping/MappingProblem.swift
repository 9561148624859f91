/// What is wrong with one row of a mapping, or with the set as a whole.
package struct MappingProblem: Sendable, Equatable, Error, CustomStringConvertible {
    /// The row in its set, from 0; nil where the set as a whole is wrong.
    package var rowIndex: Int?
    package var sourceField: String
    package var targetField: String
    package var code: Code
    /// What is wrong, in a sentence.
    package var message: String
    /// Where in the transform, from 1, columns in characters; 0 where the problem is not in the transform.
    package var line: Int
    package var column: Int
    /// The transform's line and, below it, a `^` under the place; empty where the problem is not in the transform.
    package var caret: String
    /// What to write instead, in a sentence.
    package var suggestion: String?

    package init(
        rowIndex: Int?,
        sourceField: String,
        targetField: String,
        code: Code,
        message: String,
        line: Int = 0,
        column: Int = 0,
        caret: String = "",
        suggestion: String? = nil
    ) {
        self.rowIndex = rowIndex
        self.sourceField = sourceField
        self.targetField = targetField
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.caret = caret
        self.suggestion = suggestion
    }

    package enum Code: String, Sendable, CaseIterable {
        case syntax
        case expressionNotSupported = "expression_not_supported"
        case unknownFunction = "unknown_function"
        case missingArgument = "missing_argument"
        case tooManyArguments = "too_many_arguments"
        case wrongArgumentType = "wrong_argument_type"
        case badDatePattern = "bad_date_pattern"
        /// An argument of the right type that the function can't take.
        case badArgument = "bad_argument"
        case unknownTable = "unknown_table"
        case unknownZone = "unknown_zone"
        case badRegex = "bad_regex"
        case duplicateKey = "duplicate_key"
        /// A constant that the target would refuse in every row.
        case badValue = "bad_value"
        /// What the transform makes can't stand in the target.
        case wrongResultType = "wrong_result_type"
        case unknownField = "unknown_field"
        case unsupportedFieldType = "unsupported_field_type"
        case unknownTarget = "unknown_target"
        case duplicateTarget = "duplicate_target"
        case requiredTargetMissing = "required_target_missing"
        case tooManyRows = "too_many_rows"
        case emptyNotAllowed = "empty_not_allowed"
    }

    /// `email → email: There is no function “lowr”. Did you mean lower?`, then the caret's two lines.
    package var description: String {
        let place = rowIndex == nil ? "" : "\(sourceField) → \(targetField): "
        let sentences = [message, suggestion].compactMap { $0 }.joined(separator: " ")
        return caret.isEmpty ? place + sentences : "\(place)\(sentences)\n\(caret)"
    }
}

/// Everything that is wrong with a mapping set, in the order of its rows.
package struct MappingProblems: Sendable, Equatable, Error, CustomStringConvertible {
    package var problems: [MappingProblem]

    package init(_ problems: [MappingProblem]) {
        self.problems = problems
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
