internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Log

extension ConfigCheck {
    /// Refuses settings that fit the schema, but that the connector's code finds wrong (`validate` of the ABI).
    ///
    /// A connector that can't be asked just now (all runners busy, a crash) or takes long keeps nobody from saving: a test of
    /// the connection and a run tell the same.
    ///
    /// - Parameter base: where the config stands in the content.
    func ask(
        _ connector: InstalledConnector?,
        about settings: JSONValue?,
        tenant: UUID,
        at base: String = ""
    ) async throws {
        guard let connector, let settings else { return }
        var items: [Problem.Item] = []
        do {
            guard let findings = try await findings(of: connector, about: settings, tenant: tenant) else {
                return tellUnseen(connector, "it has not answered within \(context.settingsPatience)")
            }
            items = findings.filter(\.isError).map { finding in
                Problem.Item(
                    pointer: "\(base)/settings\(finding.pointer)",
                    code: finding.code,
                    message: finding.message
                )
            }
        } catch let error as ConnectorError where error.errorClass == .config && !error.isAboutTheHost {
            items = [
                Problem.Item(
                    pointer: "\(base)/settings\(error.setting ?? "")",
                    code: error.code,
                    message: error.message
                )
            ]
        } catch let error as ConnectorError {
            tellUnseen(connector, error.message)
        }
        if let problem = Problem(items, "invalid_config", "The configuration can't be kept") { throw problem }
    }

    private func tellUnseen(_ connector: InstalledConnector, _ why: String) {
        context.log.warning(
            "settings are kept that the connector could not look at",
            [("provider", .string(connector.id)), ("error", .string(why))]
        )
    }

    /// Nil if there is no answer in time.
    private func findings(
        of connector: InstalledConnector,
        about settings: JSONValue,
        tenant: UUID
    ) async throws -> [SettingsFinding]? {
        try await withThrowingTaskGroup(of: [SettingsFinding]?.self) { group in
            group.addTask {
                try SettingsFinding.list(
                    try await context.connectors.ask(
                        .validate,
                        provider: connector.id,
                        tenant: tenant,
                        settings: settings,
                        deadline: context.settingsPatience
                    )
                )
            }
            group.addTask {
                try await Task.sleep(for: context.settingsPatience)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
