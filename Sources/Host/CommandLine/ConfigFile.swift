internal import JSON

/// A file of settings, `--config FILE`: a JSON object whose members are called as the options are, with underscores:
/// `{"port": 8080, "trusted_proxy": ["10.0.0.0/8"]}`. Secrets have no place in it.
enum ConfigFile {
    /// The options' texts by the options' names.
    static func read(_ path: String) throws(UsageError) -> [String: String] {
        let json = try TextFile.json(file: path)
        guard let object = json.objectValue else {
            throw UsageError("\(path): a file of settings holds an object, as {\"port\": 8080}")
        }
        let settings = Command.settings
        var values: [String: String] = [:]
        for member in object.members {
            guard let option = settings.first(where: { $0.memberName == member.name }) else {
                let meant = nearest(to: member.name, in: settings.map(\.memberName)).map { "; did you mean \"\($0)\"?" }
                throw UsageError(
                    "\(path): there is no setting \"\(member.name)\"\(meant ?? "; see trainflow help serve")"
                )
            }
            values[option.name] = try text(member.value, of: member.name, in: path)
        }
        return values
    }

    private static func text(_ value: JSONValue, of name: String, in path: String) throws(UsageError) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .number(let text): return text
        case .array(let items):
            let texts = items.compactMap(\.stringValue)
            guard texts.count == items.count else { throw UsageError("\(path): \(name) must hold texts only") }
            return texts.joined(separator: ",")
        case .null, .bool, .object:
            throw UsageError("\(path): \(name) must be a text, a number or a list of texts, is \(value.kind)")
        }
    }
}

extension Option {
    /// As a file of settings calls it.
    var memberName: String { name.split(separator: "-").joined(separator: "_") }
}

extension Command {
    /// Every option that a file of settings may hold: those that the environment may say too.
    static var settings: [Option] {
        var settings: [Option] = []
        for option in all.flatMap(\.options)
        where option.environment != nil && option != .config && !settings.contains(option) {
            settings.append(option)
        }
        return settings
    }
}
