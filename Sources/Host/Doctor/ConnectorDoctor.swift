internal import CSystem
internal import ConnectorHost
internal import Identifiers
internal import JSON

/// Whether there are connectors, and a runner can load one here.
struct ConnectorDoctor {
    let host: ConnectorHost
    let folder: String

    func findings() async -> [Finding] {
        let catalog: Catalog
        do throws(ConnectorError) {
            catalog = try await host.catalog()
        } catch {
            return [.fail("connectors", error.message, "Name the folder with --plugins."), Self.sandbox]
        }
        var findings = catalog.connectors.map(described)
        findings += catalog.refused.map { .fail("connectors", "\($0.path): \($0.reason)", $0.hint) }
        if findings.isEmpty {
            findings = [.warn("connectors", "There are none in \(folder).", "Name their folder with --plugins.")]
        }
        findings.append(Self.sandbox)
        if let connector = catalog.connectors.first(where: { $0.manifest.sandbox.profile == .pure }) {
            findings.append(await runner(connector))
        }
        return findings
    }

    private func described(_ connector: InstalledConnector) -> Finding {
        let manifest = connector.manifest
        return .ok(
            "connectors",
            "\(manifest.id) \(manifest.version), \(manifest.name) by \(manifest.publisher); not signed, allowed "
                + "(\(connector.path))"
        )
    }

    /// Runners refuse to load anything without both.
    private static var sandbox: Finding {
        let landlock = csystem_landlock_version()
        guard landlock > 0 else {
            return .fail(
                "sandbox",
                "This kernel has no Landlock, and no connector is loaded without.",
                "Linux 5.13 or newer with landlock among lsm= is needed."
            )
        }
        guard csystem_has_seccomp_filters() == 1 else {
            return .fail(
                "sandbox",
                "This kernel has no seccomp filters, and no connector is loaded without.",
                "A kernel with CONFIG_SECCOMP_FILTER is needed."
            )
        }
        return .ok("sandbox", "Landlock \(landlock), seccomp.")
    }

    /// Starts a real one, which enters the sandbox, loads the connector and lets it describe itself.
    private func runner(_ connector: InstalledConnector) async -> Finding {
        let start = ContinuousClock.now
        do throws(ConnectorError) {
            _ = try await host.ask(
                .describe,
                provider: connector.id,
                tenant: UUID(high: 0, low: 0),
                settings: [:],
                deadline: .seconds(10)
            )
        } catch  where error.code == "invalid_settings" || error.code == "invalid_credentials" {
            return .ok("runner", "Not tried: \(connector.id) describes itself only with settings.")
        } catch {
            return .fail("runner", error.message, "")
        }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return .ok(
            "runner",
            "\(connector.id) was loaded in its sandbox and answered within \(Int(milliseconds.rounded(.up))) ms."
        )
    }
}
