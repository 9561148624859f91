internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Log
internal import Store
internal import Synchronization

/// Whether everything that a request needs is there. Anybody may ask, so it looks once a second at most: in between the
/// last answer stands.
final class Readiness: Sendable {
    private let context: APIContext
    private let last = Mutex<(at: ContinuousClock.Instant, missing: [String])?>(nil)

    init(_ context: APIContext) {
        self.context = context
    }

    /// 200, or 503 with what is missing.
    func answer() async -> Response {
        let missing = await missing()
        guard missing.isEmpty else {
            return .json(
                ["status": "not_ready", "missing": .array(missing.map(JSONValue.string))],
                status: .unavailable
            )
        }
        return .json(["status": "ready"])
    }

    private func missing() async -> [String] {
        let now = ContinuousClock.now
        if let last = last.withLock(\.self), now - last.at < .seconds(1) { return last.missing }
        let missing = [await storeProblem(), await connectorProblem()].compactMap(\.self)
        last.withLock { $0 = (now, missing) }
        return missing
    }

    private func storeProblem() async -> String? {
        let nobody = UUID(high: 0, low: 0)
        do throws(StoreError) {
            _ = try await context.store.config(nobody, tenant: nobody)
            return nil
        } catch {
            context.log.warning("not ready: the store does not answer", [("error", .string(error.debugDescription))])
            return "the database: \(error.tenantMessage)"
        }
    }

    private func connectorProblem() async -> String? {
        do throws(ConnectorError) {
            _ = try await context.connectors.catalog()
            return nil
        } catch {
            context.log.warning("not ready: the plug-in folder can't be read", [("error", .string(error.message))])
            return "the folder of connectors: it can't be read"
        }
    }
}
