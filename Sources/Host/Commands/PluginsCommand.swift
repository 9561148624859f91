internal import ConnectorHost
internal import JSON

/// `trainflow plugins list | inspect`: what is there, without running any of it.
struct PluginsCommand {
    private let invocation: Invocation
    private let wiring: Wiring

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        wiring = try Wiring(invocation)
    }

    func list() async throws -> ExitCode {
        let catalog = try await wiring.connectorHost().catalog()
        if try wiring.printsJSON {
            Terminal.out(
                JSONValue.object([
                    "connectors": .array(try catalog.connectors.map { try JSONValue(parsing: $0.manifest.text) }),
                    "refused": .array(
                        catalog.refused.map { file in
                            ["file": .string(file.path), "reason": .string(file.reason), "hint": .string(file.hint)]
                        }
                    ),
                ]).text + "\n"
            )
            return catalog.refused.isEmpty ? .done : .failed
        }
        if catalog.connectors.isEmpty, catalog.refused.isEmpty {
            Terminal.out("No connectors in \(wiring.pluginsFolder).\n")
        }
        for connector in catalog.connectors {
            let manifest = connector.manifest
            Terminal.out(
                "\(Help.padded(manifest.id, to: 16))  \(Help.padded(manifest.version.description, to: 9))  \(manifest.name) by "
                    + "\(manifest.publisher)  (\(connector.path))\n"
            )
        }
        for file in catalog.refused {
            Terminal.out("refused  \(file.path): \(file.reason). \(file.hint)\n")
        }
        return catalog.refused.isEmpty ? .done : .failed
    }

    func inspect() async throws -> ExitCode {
        let named = invocation.arguments[0]
        let host = try wiring.connectorHost()
        let connector = named.hasSuffix(".so") ? try await host.inspect(file: named) : try await host.connector(named)
        Terminal.out(try JSONValue(parsing: connector.manifest.text).prettyText + "\n")
        return .done
    }
}
