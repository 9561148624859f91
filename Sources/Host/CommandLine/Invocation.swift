internal import JSON

/// A command line, understood: which command, its positional arguments, its options.
struct Invocation: Sendable {
    var command: Command
    var arguments: [String]
    private var values: [String: String]
    private var environment: [String: String]
    /// What `--config FILE` says, by the options' names.
    private var file: [String: String] = [:]

    /// Reads the words after the program's name, and the file of settings that they name. Precedence: command line, then
    /// environment, then file.
    init(_ words: [String], environment: [String: String]) throws(UsageError) {
        self.environment = environment
        command = try Self.command(of: words)
        arguments = []
        values = [:]
        var rest = words.dropFirst(command.words.count)
        var optionsEnded = false
        while let word = rest.popFirst() {
            guard word.hasPrefix("--"), !optionsEnded else {
                guard optionsEnded || !word.hasPrefix("-") || word == "-" else {
                    throw UsageError("unknown option \(word); options begin with two dashes")
                }
                arguments.append(word)
                continue
            }
            if word == "--" {
                optionsEnded = true
                continue
            }
            try read(option: word, rest: &rest)
        }
        guard arguments.count == command.arguments.count else {
            throw UsageError(
                "trainflow \(command.words.joined(separator: " ")) takes \(Self.count(command.arguments)), "
                    + "but \(arguments.count) came; see trainflow help \(command.words.joined(separator: " "))"
            )
        }
        if command.options.contains(.config), let path = value(.config) { file = try ConfigFile.read(path) }
    }

    /// What command line, environment or file say of the option, the earlier first; nil if none says anything.
    func value(_ option: Option) -> String? {
        if let value = values[option.name] { return value }
        if let name = option.environment, let value = environment[name], !value.isEmpty { return value }
        // A file of settings is shared by all commands: `--output` and the like are not among them.
        return option.environment == nil ? nil : file[option.name]
    }

    /// What the environment says; nil where it says nothing.
    func value(_ variable: Variable) -> String? {
        environment[variable.name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func required(_ option: Option) throws(UsageError) -> String {
        guard let value = value(option) else {
            throw UsageError("--\(option.name) \(option.value ?? "") is missing: \(option.help)")
        }
        return value
    }

    func isOn(_ option: Option) -> Bool {
        values[option.name] != nil
    }

    /// A whole number of at least `least`; nil if the option isn't there.
    func integer(_ option: Option, least: Int) throws(UsageError) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), number >= least else {
            throw UsageError("--\(option.name) takes a whole number of at least \(least), not \"\(text)\"")
        }
        return number
    }

    /// One of the option's values as its help lists them.
    func choice(_ option: Option) throws(UsageError) -> String? {
        guard let text = value(option) else { return nil }
        let choices = (option.value ?? "").split(separator: "|").map(String.init)
        guard choices.contains(text) else {
            throw UsageError("--\(option.name) takes \(choices.joined(separator: " or ")), not \"\(text)\"")
        }
        return text
    }

    private mutating func read(option word: String, rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = command.options.first(where: { $0.name == name }) else {
            let suggestion = nearest(to: name, in: command.options.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
            throw UsageError("trainflow \(command.words.joined(separator: " ")) has no option --\(name)\(suggestion)")
        }
        guard values[name] == nil else { throw UsageError("--\(name) is given twice") }
        guard let placeholder = option.value else {
            guard parts.count == 1 else { throw UsageError("--\(name) is a switch and takes no value") }
            values[name] = ""
            return
        }
        if parts.count == 2 {
            values[name] = String(parts[1])
        } else if let value = rest.popFirst() {
            values[name] = value
        } else {
            throw UsageError("--\(name) needs a value: --\(name) \(placeholder)")
        }
    }

    /// Which command the words begin with; what follows it is not looked at.
    static func command(of words: [String]) throws(UsageError) -> Command {
        let fitting = Command.all.filter { Array(words.prefix($0.words.count)) == $0.words }
        if let command = fitting.max(by: { $0.words.count < $1.words.count }) { return command }
        guard let first = words.first else { throw UsageError("no command; see trainflow help") }
        let firsts = Command.all.map { $0.words[0] }
        guard firsts.contains(first) else {
            let suggestion = nearest(to: first, in: firsts).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("unknown command \"\(first)\"\(suggestion) See trainflow help")
        }
        let seconds = Command.all.filter { $0.words.first == first }.compactMap { $0.words.dropFirst().first }
        throw UsageError("trainflow \(first) is followed by \(seconds.joined(separator: ", ")); see trainflow help")
    }

    private static func count(_ arguments: [String]) -> String {
        arguments.isEmpty ? "no arguments" : arguments.joined(separator: " ")
    }
}
