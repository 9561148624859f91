internal import Columns
internal import JSON
internal import Time

/// Turns what was written into what can be run, and says everything that is wrong with it.
struct Checker {
    /// The source's fields; nil where they are not known.
    let source: [Field]?
    let environment: MappingEnvironment
    /// The names of the source columns used so far, in the order of `Expression.field`.
    private(set) var used: [String] = []
    private(set) var problems: [Problem] = []
    private var calls = 0

    struct Problem {
        var code: MappingProblem.Code
        var offset: Int
        var message: String
        var suggestion: String?
    }

    /// A checked part of a transform.
    struct Checked {
        var expression: Expression
        var type: ValueType
        /// The written-out values that can come out, and where they stand.
        var constants: [Constant]
    }

    struct Constant {
        var text: String
        var offset: Int
    }

    init(source: [Field]?, environment: MappingEnvironment, used: [String]) {
        self.source = source
        self.environment = environment
        self.used = used
    }

    private mutating func note(
        _ code: MappingProblem.Code,
        at offset: Int,
        _ message: String,
        _ suggestion: String? = nil
    ) {
        problems.append(Problem(code: code, offset: offset, message: message, suggestion: suggestion))
    }

    /// nil where there are problems; they are noted.
    mutating func check(_ syntax: Syntax) -> Checked? {
        switch syntax.kind {
        case .literal(let literal): checkLiteral(literal, at: syntax.range.lowerBound)
        case .field(let name): checkField(name, at: syntax.range.lowerBound)
        case .call(let call): checkCall(call)
        }
    }

    private func checkLiteral(_ literal: Literal, at offset: Int) -> Checked {
        guard let text = literal.asText else {
            return Checked(expression: .constant(nil), type: literal.type, constants: [])
        }
        let constants = [Constant(text: text, offset: offset)]
        return Checked(expression: .constant(Array(text.utf8)), type: literal.type, constants: constants)
    }

    // MARK: - Fields

    private mutating func checkField(_ name: String, at offset: Int) -> Checked? {
        if let problem = Self.problem(withField: name, in: source) {
            note(problem.code, at: offset, problem.message, problem.suggestion)
            return nil
        }
        let index = used.firstIndex { $0.utf8.elementsEqual(name.utf8) } ?? used.count
        if index == used.count { used.append(name) }
        return Checked(expression: .field(index), type: .text, constants: [])
    }

    static func problem(withField name: String, in source: [Field]?) -> Problem? {
        func unknown(_ message: String, _ suggestion: String?) -> Problem {
            Problem(code: .unknownField, offset: 0, message: message, suggestion: suggestion)
        }
        if name.isEmpty { return unknown("No source field is named.", nil) }
        if name.hasPrefix("_tf_") { return unknown("Names that begin with _tf_ are reserved.", nil) }
        guard let source else { return nil }
        guard let field = source.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            let names = source.map(\.name).filter { !$0.hasPrefix("_tf_") }
            let near = nearest(to: name, in: names).map { "Did you mean \($0)?" }
            let few = names.prefix(40).joined(separator: ", ") + (names.count > 40 ? ", …" : "")
            return unknown("The source has no field \(name.quoted).", near ?? "It has \(few).")
        }
        let kind: String
        switch field.type {
        case .list: kind = "a list"
        case .structure: kind = "a structure"
        case .binary: kind = "bytes"
        default: return nil
        }
        return Problem(
            code: .unsupportedFieldType,
            offset: 0,
            message: "\(name.quoted) is \(kind); a mapping takes single values.",
            suggestion: "Have the source give its parts as fields of their own."
        )
    }

    // MARK: - Calls

    private mutating func checkCall(_ call: Syntax.Call) -> Checked? {
        let receiver = check(call.receiver)
        let number = calls
        calls += 1
        guard let function = MappingFunction.named(call.function) else {
            noteUnknown(call)
            for argument in call.arguments { _ = check(argument) }
            return nil
        }
        let isRightInput = receiver.map { checkInput($0, of: function, call) } ?? false
        let isRightCount = checkCount(call, function)
        let places = function.places(of: call.arguments)
        let arguments = checkArguments(call, function, places, receiver: receiver)
        guard isRightCount, let arguments, let step = prepare(call, function, places, receiver?.expression),
            let receiver, isRightInput
        else { return nil }
        let checked = Expression.Call(
            number: number,
            function: function,
            receiver: receiver.expression,
            arguments: arguments.map(\.expression),
            step: step
        )
        return Checked(
            expression: .call(checked),
            type: step.result ?? function.results.first
                ?? (receiver.type == .null ? arguments.first?.type ?? .null : receiver.type),
            constants: constants(of: checked, call, receiver, arguments)
        )
    }

    private mutating func noteUnknown(_ call: Syntax.Call) {
        let names = MappingFunction.catalogue.map(\.name)
        note(
            .unknownFunction,
            at: call.nameRange.lowerBound,
            "There is no function \(call.function.quoted).",
            nearest(to: call.function, in: names).map { "Did you mean \($0)?" }
                ?? "Functions are \(names.joined(separator: ", "))."
        )
    }

    private mutating func checkInput(_ receiver: Checked, of function: MappingFunction, _ call: Syntax.Call) -> Bool {
        guard !function.inputs.isEmpty, !function.inputs.contains(receiver.type), receiver.type != .null else {
            return true
        }
        let wanted = function.inputs.map(\.phrase).joined(separator: " or ")
        note(
            .wrongArgumentType,
            at: call.nameRange.lowerBound,
            "\(function.name) takes \(wanted), and what stands before it is \(receiver.type.phrase).",
            Self.advice(function, call.receiver, receiver.type)
        )
        return false
    }

    /// What to write so that a function gets the type it takes.
    private static func advice(_ function: MappingFunction, _ before: Syntax, _ type: ValueType) -> String? {
        let wanted = function.inputs.first
        let maker: String? = if case .call(let call) = before.kind { call.function } else { nil }
        switch (wanted, type) {
        case (.text, .list): return "item(0) takes its first text, join(\" \") makes one text of all."
        case (.text, .date): return maker.map { "Write \(function.name) before \($0), or formatDate after it." }
        case (.text, _): return maker.map { "Write \(function.name) before \($0)." }
        case (.list, .text): return "split(\",\") makes a list of a text."
        case (.date, .text): return "parseDate(\"dd/MM/yyyy\") makes a date of a text."
        case (.date, .timestamp): return "dateInZone(\"Asia/Riyadh\") makes a date of a time."
        case (.number, .text): return "parseNumber makes a number of a text."
        default: return nil
        }
    }

    private mutating func checkCount(_ call: Syntax.Call, _ function: MappingFunction) -> Bool {
        let parameters = function.parameters
        let isVariadic = parameters.last?.isVariadic ?? false
        if call.arguments.count > parameters.count, !isVariadic {
            note(
                .tooManyArguments,
                at: call.arguments[parameters.count].range.lowerBound,
                parameters.isEmpty
                    ? "\(function.name) takes no arguments."
                    : "\(function.name) takes at most \(parameters.count == 1 ? "one argument" : "\(parameters.count) arguments").",
                "Write \(function.signature)."
            )
            return false
        }
        let missing = parameters.dropFirst(call.arguments.count).first { !$0.isOptional }
        guard let missing else { return true }
        note(
            .missingArgument,
            at: call.nameRange.lowerBound,
            "\(function.name) lacks its argument \(missing.name).",
            "Write \(function.signature)."
        )
        return false
    }

    private mutating func checkArguments(
        _ call: Syntax.Call,
        _ function: MappingFunction,
        _ places: [Int],
        receiver: Checked?
    ) -> [Checked]? {
        var arguments: [Checked] = []
        var isRight = true
        for (argument, place) in zip(call.arguments, places) {
            let parameter = function.parameter(place)
            if let parameter, parameter.kind.isFixed, argument.literal == nil {
                noteNotWrittenOut(argument, parameter, function)
                isRight = false
                continue
            }
            guard let checked = check(argument) else {
                isRight = false
                continue
            }
            guard let parameter else { continue }
            if !checkArgument(argument, checked, parameter, function, receiver) { isRight = false }
            arguments.append(checked)
        }
        return isRight ? arguments : nil
    }

    private mutating func checkArgument(
        _ argument: Syntax,
        _ checked: Checked,
        _ parameter: MappingFunction.Parameter,
        _ function: MappingFunction,
        _ receiver: Checked?
    ) -> Bool {
        let wanted: ValueType
        switch parameter.kind {
        case .text, .fixedText, .table, .zone: wanted = .text
        case .fixedInteger: wanted = .integer
        case .fixedMap: wanted = .map
        case .sameAsValue:
            guard let receiver, checked.type != .null, receiver.type != .null else { return true }
            wanted = receiver.type
        }
        if checked.type == wanted || (wanted == .number && checked.type == .integer) { return true }
        // A date has no notation of its own: it is written as text in ISO form.
        guard wanted == .date || wanted == .timestamp, case .text(let text) = argument.literal else {
            noteWrongType(argument, checked.type, wanted, function)
            return false
        }
        if wanted == .date ? CalendarDate(iso: text) != nil : Instant(rfc3339: text)?.description == text {
            return true
        }
        note(
            .badValue,
            at: argument.range.lowerBound,
            "\(text.quoted) is no \(wanted == .date ? "date" : "time"); "
                + "\(function.name) takes one here, because the value is one.",
            wanted == .date ? "Write it in the form yyyy-MM-dd." : "Write it in the form 2024-02-29T08:05:00Z."
        )
        return false
    }

    private mutating func noteNotWrittenOut(
        _ argument: Syntax,
        _ parameter: MappingFunction.Parameter,
        _ function: MappingFunction
    ) {
        note(
            .wrongArgumentType,
            at: argument.range.lowerBound,
            "The \(parameter.name) of \(function.name) must be written out; a field can't give it.",
            [.fixedText, .table, .zone].contains(parameter.kind) ? "Texts stand in quotes." : nil
        )
    }

    private mutating func noteWrongType(
        _ argument: Syntax,
        _ type: ValueType,
        _ wanted: ValueType,
        _ function: MappingFunction
    ) {
        var suggestion: String?
        if wanted == .text, let text = argument.literal?.asText {
            suggestion = "Put it in quotes: \"\(text)\"."
        } else if wanted == .map {
            suggestion = "Write pairs: {\"A\": \"active\", \"T\": \"inactive\"}."
        }
        note(
            .wrongArgumentType,
            at: argument.range.lowerBound,
            "\(function.name) takes \(wanted.phrase) here, and this is \(type.phrase).",
            suggestion
        )
    }

    private mutating func prepare(
        _ call: Syntax.Call,
        _ function: MappingFunction,
        _ places: [Int],
        _ receiver: Expression?
    ) -> MappingFunction.Step? {
        var literals = [Literal?](repeating: nil, count: max(function.parameters.count, (places.max() ?? 0) + 1))
        for (argument, place) in zip(call.arguments, places) { literals[place] = argument.literal }
        let recoverable = receiver?.callsThatMayLackAnEntry ?? []
        do throws(MappingFunction.ArgumentProblem) {
            return try function.prepare(
                MappingFunction.Call(literals: literals, recoverable: recoverable, environment: environment)
            )
        } catch {
            guard let index = places.firstIndex(of: error.index) else {
                note(error.code, at: call.nameRange.lowerBound, error.message, error.suggestion)
                return nil
            }
            let argument = call.arguments[index]
            // Behind the quote, unless escapes make the text shorter than it is written.
            let inText = error.offsetInText.flatMap { offset -> Int? in
                guard case .text(let text) = argument.literal,
                    text.unicodeScalars.count + 2 == argument.range.count
                else { return nil }
                return argument.range.lowerBound + 1 + offset
            }
            note(error.code, at: error.place ?? inText ?? argument.range.lowerBound, error.message, error.suggestion)
            return nil
        }
    }

    // MARK: - Constants

    private func constants(
        of call: Expression.Call,
        _ syntax: Syntax.Call,
        _ receiver: Checked,
        _ arguments: [Checked]
    ) -> [Constant] {
        switch call.function.constants {
        case .none: return []
        case .unchanged: return receiver.constants
        case .orArguments: return receiver.constants + arguments.flatMap(\.constants)
        case .mapValues:
            guard case .map(let entries) = syntax.arguments.first?.literal else { return [] }
            return entries.compactMap { entry in
                entry.value.asText.map { Constant(text: $0, offset: entry.valueRange.lowerBound) }
            }
        case .changed:
            return receiver.constants.compactMap { constant in
                var value = TextVector(repeating: Array(constant.text.utf8), count: 1)
                call.step.apply(&value, [], RowState.failed(call: call.number))
                return value.text(0).map { Constant(text: $0, offset: constant.offset) }
            }
        }
    }
}

extension Syntax {
    var literal: Literal? {
        guard case .literal(let literal) = kind else { return nil }
        return literal
    }
}

extension MappingFunction {
    /// For each argument the place of the parameter that takes it; beyond the last where there are too many.
    ///
    /// An optional parameter whose kind the argument doesn't have is taken to be left out, if a later one has it.
    func places(of arguments: [Syntax]) -> [Int] {
        var places: [Int] = []
        for argument in arguments {
            var place = (places.last ?? -1) + 1
            if let literal = argument.literal, place < parameters.count, parameters[place].isOptional,
                !parameters[place].kind.takes(literal),
                let later = parameters[place...].firstIndex(where: { $0.isOptional && $0.kind.takes(literal) })
            {
                place = later
            }
            places.append(place)
        }
        return places
    }

    /// The parameter that takes this argument.
    func parameter(_ index: Int) -> Parameter? {
        if index < parameters.count { return parameters[index] }
        return parameters.last.flatMap { $0.isVariadic ? $0 : nil }
    }
}

extension MappingFunction.Parameter.Kind {
    /// Whether the argument must be written out.
    fileprivate var isFixed: Bool {
        switch self {
        case .fixedText, .fixedInteger, .fixedMap, .table, .zone: true
        case .text, .sameAsValue: false
        }
    }

    fileprivate func takes(_ literal: Literal) -> Bool {
        switch self {
        case .fixedText, .text, .table, .zone: literal.type == .text
        case .fixedInteger: literal.type == .integer
        case .fixedMap: literal.type == .map
        case .sameAsValue: true
        }
    }
}

extension Expression {
    /// The numbers of the calls, from this one back through its receivers, that fail for want of an entry.
    fileprivate var callsThatMayLackAnEntry: [Int] {
        guard case .call(let call) = self else { return [] }
        return (call.function.mayLackEntry ? [call.number] : []) + call.receiver.callsThatMayLackAnEntry
    }
}
