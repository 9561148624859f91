/// A function that a transform can use: what it is called, what it takes and makes, and how.
package struct MappingFunction: Sendable {
    package var name: String
    package var topic: Topic
    /// One line, for the catalogue.
    package var summary: Label
    /// What it is applied to; empty takes any value.
    package var inputs: [ValueType]
    package var parameters: [Parameter]
    /// What it can make, the first if its arguments say nothing else; empty makes the type it was applied to.
    package var results: [ValueType]
    /// Run as tests, and shown in the catalogue.
    package var examples: [Example]
    /// Which constants can come out of it, so that a value the target refuses is found when the mapping is saved.
    var constants: ConstantFlow
    /// What holds for every value that comes out.
    var proof: Proof
    /// Whether it fails where it has no entry for a value, which a `default` behind it makes good.
    var mayLackEntry: Bool
    /// Makes a step for checked arguments.
    var prepare: @Sendable (Call) throws(ArgumentProblem) -> Step

    init(
        _ name: String,
        _ topic: Topic,
        _ summary: Label,
        inputs: [ValueType] = [.text],
        parameters: [Parameter] = [],
        results: [ValueType] = [.text],
        examples: [Example],
        constants: ConstantFlow = .changed,
        proof: Proof = .nothing,
        mayLackEntry: Bool = false,
        prepare: @escaping @Sendable (Call) throws(ArgumentProblem) -> Step
    ) {
        self.name = name
        self.topic = topic
        self.summary = summary
        self.inputs = inputs
        self.parameters = parameters
        self.results = results
        self.examples = examples
        self.constants = constants
        self.proof = proof
        self.mayLackEntry = mayLackEntry
        self.prepare = prepare
    }

    /// What functions are about, in the catalogue's order.
    package enum Topic: String, Sendable, CaseIterable {
        case text, arabic, dates, numbers, logic, people, privacy, ids

        package var label: Label {
            switch self {
            case .text: Label("Text", "النصوص")
            case .arabic: Label("Arabic text", "النص العربي")
            case .dates: Label("Dates", "التواريخ")
            case .numbers: Label("Numbers", "الأرقام")
            case .logic: Label("Logic", "المنطق")
            case .people: Label("People", "الأشخاص")
            case .privacy: Label("Privacy", "الخصوصية")
            case .ids: Label("Identifiers", "المعرّفات")
            }
        }
    }

    package struct Parameter: Sendable, Equatable {
        package var name: String
        package var kind: Kind
        package var help: Label
        package var isOptional: Bool
        /// What counts where an optional one is left out, as it would be written; nil if nothing does.
        package var standard: String?
        /// Takes any number of arguments, at least one unless it is optional; only the last can.
        package var isVariadic: Bool

        init(
            _ name: String,
            _ kind: Kind,
            _ help: Label,
            isOptional: Bool = false,
            standard: String? = nil,
            isVariadic: Bool = false
        ) {
            self.name = name
            self.kind = kind
            self.help = help
            self.isOptional = isOptional || standard != nil
            self.standard = standard
            self.isVariadic = isVariadic
        }

        package enum Kind: String, Sendable, Equatable, CaseIterable {
            /// A text, a field, or a field with functions.
            case text
            /// The same as the value the function is applied to, or null.
            case sameAsValue = "same_as_value"
            /// A text written out.
            case fixedText = "fixed_text"
            /// A whole number written out.
            case fixedInteger = "fixed_integer"
            /// Pairs written out.
            case fixedMap = "fixed_map"
            /// The name of one of the tenant's tables, written out.
            case table
            /// A time zone's name, written out: `Asia/Riyadh`.
            case zone
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
        /// Those that went in, and the arguments.
        case orArguments
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
        /// The arguments that are written out, by parameter, a variadic one's at the end; nil for others and for those left
        /// out.
        var literals: [Literal?]
        /// The numbers of the calls before it that a value without an entry can have come from.
        var recoverable: [Int]
        var environment: MappingEnvironment
    }

    /// A function with its arguments, ready for columns.
    struct Step: Sendable {
        /// What it makes with these arguments, where that is not the function's first.
        var result: ValueType?
        /// Changes a column; what fails gets the given state.
        var apply: @Sendable (inout TextVector, [Operand], _ failure: UInt8) -> Void
        /// Says why the step failed on this value.
        var explain: @Sendable (_ value: String, _ place: FailurePlace) -> Complaint

        init(
            result: ValueType? = nil,
            apply: @escaping @Sendable (inout TextVector, [Operand], _ failure: UInt8) -> Void,
            explain: @escaping @Sendable (_ value: String, _ place: FailurePlace) -> Complaint
        ) {
            self.result = result
            self.apply = apply
            self.explain = explain
        }
    }

    /// An argument of the right type that still can't be taken.
    struct ArgumentProblem: Error {
        /// The parameter's place; that of the argument, where the parameter is variadic.
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
    /// `concatNonEmpty(separator, part, …)`, `split(separator)`, `parseNumber[(locale)]`
    package var signature: String {
        guard !parameters.isEmpty else { return name }
        var list = ""
        for (index, parameter) in parameters.enumerated() {
            let separator = index == 0 ? "" : ", "
            let part = separator + parameter.name + (parameter.isVariadic ? ", …" : "")
            list += parameter.isOptional && index > 0 ? "[\(part)]" : part
        }
        return parameters[0].isOptional ? "\(name)[(\(list))]" : "\(name)(\(list))"
    }
}

extension String {
    /// In quotation marks, shortened to what a sentence bears.
    var quoted: String {
        let most = 80
        return count <= most ? "“\(self)”" : "“\(prefix(most))…”"
    }
}
