internal import JSON
internal import Store
internal import Time

/// `trainflow migrate [status | plan]`
struct MigrateCommand {
    private let wiring: Wiring

    init(_ invocation: Invocation) throws(UsageError) {
        wiring = try Wiring(invocation)
    }

    func run() async throws -> ExitCode {
        let applied = try await SQLiteStore.migrate(
            path: try wiring.databasePath(),
            command: wiring.commandText,
            now: .now()
        ).map(\.name)
        if try wiring.printsJSON {
            Terminal.out(JSONValue.object(["applied": .array(applied.map { .string($0) })]).text + "\n")
        } else {
            Terminal.out(
                applied.isEmpty ? "The database is up to date.\n" : "Applied: \(applied.joined(separator: ", "))\n"
            )
        }
        return .done
    }

    func status() async throws -> ExitCode {
        let status = try await SQLiteStore.migrationStatus(path: try wiring.databasePath())
        if try wiring.printsJSON {
            Terminal.out(
                JSONValue.array(
                    status.map { entry in
                        [
                            "number": .integer(entry.migration.number), "name": .string(entry.migration.name),
                            "applied_at": entry.appliedAt.map { .string($0.description) } ?? .null,
                        ]
                    }
                ).text + "\n"
            )
            return .done
        }
        for entry in status {
            Terminal.out(
                "\(entry.migration.number)  \(entry.migration.name)  \(entry.appliedAt.map { "applied \($0)" } ?? "not applied")\n"
            )
        }
        return .done
    }

    func plan() async throws -> ExitCode {
        let statements = try await SQLiteStore.migrationPlan(path: try wiring.databasePath()).flatMap(\.statements)
        if statements.isEmpty { Terminal.out("-- Nothing to do: the database is up to date.\n") }
        for statement in statements { Terminal.out(statement + ";\n") }
        return .done
    }
}
