/// The one list of all settings, as `trainflow help configuration` prints it and docs/configuration.md has it: a test
/// compares the two.
enum SettingsTable {
    static var markdown: String {
        var text = """
            | option | environment | in the file | default | what it is |
            |---|---|---|---|---|

            """
        for option in [.config] + Command.settings {
            let member = option == .config ? "" : "`\(option.memberName)`"
            text += "| `--\(option.name) \(escaped(option.value ?? ""))` | `\(option.environment ?? "")` | \(member) "
            text += "| \(escaped(option.defaultText)) | \(escaped(option.help)) |\n"
        }
        return text
    }

    /// What only the environment says.
    static var variablesMarkdown: String {
        var variables: [Variable] = []
        for variable in Command.all.flatMap(\.variables) where !variables.contains(variable) {
            variables.append(variable)
        }
        let rows = variables.map { "| `\($0.name)` | \(escaped($0.help)) |\n" }
        return "| environment | what it is |\n|---|---|\n" + rows.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
