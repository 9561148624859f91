/// A function that a transform can use: what it is called, what it takes and makes, and how.
package struct MappingFunction: Sendable {
    package var name: String
    /// One line, for the catalogue.
    package var summary: String
    /// What it is applied to; nil takes any value.
    package var input: ValueType?
    package var parameters: [Parameter]
    /// What it makes; nil makes the type it was applied to.
    package var result: ValueType?
    /// Run as tests, and shown in the catalogue.
    package var examples: [Example]
    /// Which constants can come out of it, so that a value the target refuses is found when the mapping is saved.
    var constants: ConstantFlow
    /// What holds for every value that comes out.
    var proof: Proof
    /// Makes a step for checked arguments.
    var prepare: @Sendable (Call) throws(ArgumentProblem) -> Step

    package struct Parameter: Sendable, Equatable {
        package var name: String
        package var kind: Kind
        package var isOptional = false
        /// Takes any number of arguments, at least one; only the last can.
        package var isVariadic = false

        package enum Kind: Sendable, Equatable {
            /// A text, a field, or a field with functions.
            case text
            /// The same as the value the function is applied to, or null.
            case sameAsValue
            /// A text written out.
            case fixedText
            /// A whole number written out.
            case fixedInteger
            /// Pairs written out.
            case fixedMap
        }
    }

    /// A transform with what it makes of a value.
    package struct Example: Sendable, Equatable {
        package var transform: String
        package var value: String?
        /// Other fields that the transform names.
        package var fields: [String: String]
        package var outcome: Outcome

        package enum Outcome: Sendable, Equatable {
            case value(String)
            case empty
            /// The failure's code.
            case reject(String)
        }

        package init(_ transform: String, _ value: String?, fields: [String: String] = [:], _ outcome: Outcome) {
            self.transform = transform
            self.value = value
            self.fields = fields
            self.outcome = outcome
        }
    }

    enum ConstantFlow: Sendable {
        /// Those that went in, unless they are refused.
        case unchanged
        /// Those that went in, changed by the function itself.
        case changed
        /// The map's values.
        case mapValues
        /// Those that went in, and the argument.
        case orArgument
        case none
    }

    enum Proof: Sendable {
        case nothing
        /// What held before.
        case unchanged
        case email
        case date
        /// Only constants come out, all of which the target was asked about when the mapping was checked.
        case constants
    }

    /// What `prepare` sees of a call.
    struct Call: Sendable {
        /// The arguments that are written out; nil for others.
        var literals: [Literal?]
        /// The numbers of the calls before it that an unlisted value can have come from.
        var recoverable: [Int]
    }

    /// A function with its arguments, ready for columns.
    struct Step: Sendable {
        /// Changes a column; what fails gets the given state.
        var apply: @Sendable (inout TextVector, [Operand], _ failure: UInt8) -> Void
        /// Says why the step failed on this value.
        var explain: @Sendable (_ value: String, _ place: FailurePlace) -> Complaint
    }

    /// An argument of the right type that still can't be taken.
    struct ArgumentProblem: Error {
        var index: Int
        /// Where in the transform, in scalars; nil for the argument's begin.
        var place: Int?
        /// Scalars from the begin of a text's content, where the argument is one.
        var offsetInText: Int?
        var code: MappingProblem.Code
        var message: String
        var suggestion: String?
    }
}

/// Why a value is refused, for the tenant's people.
struct Complaint: Sendable, Equatable {
    var code: String
    /// What is wrong, in a sentence.
    var message: String
    /// What to do.
    var hint: String
}

/// Between which fields something failed, for messages.
struct FailurePlace: Sendable {
    var source: String
    var target: String
}

extension MappingFunction {
    /// `concatNonEmpty(separator, part, …)`
    package var signature: String {
        guard !parameters.isEmpty else { return name }
        var list = ""
        for (index, parameter) in parameters.enumerated() {
            let separator = index == 0 ? "" : ", "
            list += parameter.isOptional ? "[\(separator)\(parameter.name)]" : separator + parameter.name
            if parameter.isVariadic { list += ", …" }
        }
        return "\(name)(\(list))"
    }
}

extension String {
    /// In quotation marks, shortened to what a sentence bears.
    var quoted: String {
        let most = 80
        return count <= most ? "“\(self)”" : "“\(prefix(most))…”"
    }
}
