internal import ConnectorHost
internal import JSON
internal import Store

/// The executable: understands the command line, runs the command, says how it ended.
enum Program {
    static let version = "0.1.0"

    static func run(_ words: [String], environment: [String: String]) async -> ExitCode {
        do {
            if words.first == "help" || words == ["--help"] || words == ["-h"] {
                Terminal.out(try Help.text(for: words.first == "help" ? Array(words.dropFirst()) : []))
                return .done
            }
            if words.last == "--help" {
                Terminal.out(try Help.text(for: Invocation.command(of: words.dropLast()).words))
                return .done
            }
            let invocation = try Invocation(words, environment: environment)
            return try await perform(invocation)
        } catch let error as UsageError {
            Terminal.error("trainflow: \(error.message)")
            return .usage
        } catch {
            Terminal.error("trainflow: \(error)")
            return .failed
        }
    }

    private static func perform(_ invocation: Invocation) async throws -> ExitCode {
        switch invocation.command.words {
        case ["check"]: try await CheckCommand(invocation).run()
        case ["doctor"]: try await DoctorCommand(invocation).run()
        case ["import"]: try await ImportCommand(invocation).run()
        case ["migrate"]: try await MigrateCommand(invocation).run()
        case ["migrate", "plan"]: try await MigrateCommand(invocation).plan()
        case ["migrate", "status"]: try await MigrateCommand(invocation).status()
        case ["plugins", "inspect"]: try await PluginsCommand(invocation).inspect()
        case ["plugins", "list"]: try await PluginsCommand(invocation).list()
        case ["plugins", "run"]: try await PluginsRunCommand(invocation).run()
        case ["runs", "approve"]: try await RunsCommand(invocation).approve()
        case ["runs", "effects"]: try await RunsCommand(invocation).effects()
        case ["runs", "refuse"]: try await RunsCommand(invocation).refuse()
        case ["serve"]: try await ServeCommand(invocation).run()
        case ["token"]: try TokenCommand(invocation).run()
        default: printVersion()
        }
    }

    private static func printVersion() -> ExitCode {
        Terminal.out("trainflow \(version)\n")
        return .done
    }
}
