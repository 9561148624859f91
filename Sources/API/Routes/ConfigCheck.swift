internal import Changes
internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Store
internal import Sync

/// What a config must be before it is kept: its provider there and on, its settings and policy as they are asked for.
struct ConfigCheck: Sendable {
    let context: APIContext

    /// The installed connector; `unknown_provider`, naming the nearest, where there is none.
    ///
    /// - Parameter pointer: where the provider stands in the content.
    func connector(_ provider: String, at pointer: String? = "/provider") async throws -> InstalledConnector {
        let connectors = try await context.connectors.catalog().connectors
        if let connector = connectors.first(where: { $0.id == provider }) { return connector }
        let known = connectors.map(\.id)
        let hint =
            nearest(to: provider, in: known).map { "Did you mean \($0)?" }
            ?? (known.isEmpty ? "None is installed." : "Installed are \(known.joined(separator: ", ")).")
        var problem = Problem(422, "unknown_provider", "There is no provider of this name. \(hint)")
        problem.pointer = pointer
        throw problem
    }

    /// `provider_off` where the tenant has switched it off.
    func requireOn(_ provider: String, tenant: UUID) async throws {
        let settings = try await context.store.providerSettings(tenant: tenant)
        guard settings.contains(where: { $0.provider == provider && !$0.isEnabled }) else { return }
        throw Problem.conflict(
            "provider_off",
            "This provider is switched off. An administrator can switch it on: PUT /providers/{id}."
        )
    }

    /// All that the connector's schema and the policy's rules find, at once.
    ///
    /// - Parameter base: where the config stands in the content.
    func check(
        settings: JSONValue?,
        policy: JSONValue?,
        by connector: InstalledConnector?,
        at base: String = ""
    ) throws(Problem) {
        var items: [Problem.Item] = []
        if let settings, let connector {
            items += connector.manifest.settings.findings(in: settings).map { finding in
                Problem.Item(
                    pointer: "\(base)/settings\(finding.pointer)",
                    code: "invalid_setting",
                    message: finding.message
                )
            }
            if let finding = Self.pathFinding(in: settings, of: connector.id) {
                items.append(
                    Problem.Item(
                        pointer: "\(base)/settings\(finding.pointer)",
                        code: "path_refused",
                        message: finding.message
                    )
                )
            }
        }
        if let policy, let finding = Self.finding(in: policy) {
            items.append(
                Problem.Item(
                    pointer: "\(base)/policy\(finding.pointer)",
                    code: finding.code.description,
                    message: finding.message
                )
            )
        }
        if let problem = Problem(items, "invalid_config", "The configuration can't be kept") { throw problem }
    }

    /// Where a tenant's file is meant, it lies in the tenant's own folder.
    private static func pathFinding(in settings: JSONValue, of provider: String) -> JSONFieldError? {
        guard provider == "file", settings["path"]?.stringValue != nil else { return nil }
        do throws(JSONFieldError) {
            _ = try FolderSettings(["path": settings["path"] ?? .null])
            return nil
        } catch {
            return error
        }
    }

    private static func finding(in policy: JSONValue) -> JSONFieldError? {
        do throws(JSONFieldError) {
            _ = try Policy(json: policy)
            return nil
        } catch {
            return error
        }
    }
}

extension Problem {
    /// Everything that is wrong, the first of it in the detail; nil if there is nothing.
    init?(_ items: [Item], _ code: String, _ what: String) {
        guard let first = items.first else { return nil }
        let place = first.pointer.map { "\($0) " } ?? ""
        self.init(422, code, "\(what): \(place)\(first.message)\(first.message.hasSuffix(".") ? "" : ".")")
        pointer = first.pointer
        errors = items
    }
}
