/// The text of `trainflow help [COMMAND]`.
enum Help {
    static func text(for words: [String]) throws(UsageError) -> String {
        guard !words.isEmpty else { return overview }
        if words == ["configuration"] { return SettingsTable.markdown + "\n" + SettingsTable.variablesMarkdown }
        let commands = Command.all.filter { $0.words.starts(with: words) }
        guard !commands.isEmpty else {
            throw UsageError("no help on \"\(words.joined(separator: " "))\"; see trainflow help")
        }
        return commands.map(page).joined(separator: "\n")
    }

    private static var overview: String {
        var text = """
            trainflow: the TrainFlow Integration Layer

            usage: trainflow COMMAND [ARGUMENTS] [OPTIONS]


            """
        let width = Command.all.map { synopsis($0).count }.max() ?? 0
        for command in Command.all {
            text += "  " + padded(synopsis(command), to: width) + "  " + command.help + "\n"
        }
        return text + """

            trainflow help COMMAND tells a command's options, trainflow help configuration all settings.
            Exit codes: 0 done, 1 failed, 2 usage, 3 done with rejects, 4 held.

            """
    }

    private static func page(_ command: Command) -> String {
        var text = "trainflow \(synopsis(command)): \(command.help)\n"
        for option in command.options {
            let environment = option.environment.map { " [\($0)]" } ?? ""
            text += "\n  --\(option.name)\(option.value.map { " " + $0 } ?? "")\(environment)\n"
            text += "      \(option.help); default: \(option.defaultText)\n"
        }
        for variable in command.variables {
            text += "\n  [\(variable.name)]\n      \(variable.help)\n"
        }
        return text
    }

    private static func synopsis(_ command: Command) -> String {
        (command.words + command.arguments).joined(separator: " ")
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
