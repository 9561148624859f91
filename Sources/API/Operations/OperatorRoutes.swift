internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Log
internal import Store

/// What machines ask that watch the process: whether it lives, whether it can work, and its numbers. No token is needed;
/// nothing of a tenant is told.
struct OperatorRoutes: Sendable {
    private let context: APIContext

    init(_ context: APIContext) {
        self.context = context
    }

    func add(to router: inout Router) {
        router.immediately(.get, "/healthz") { _ in .json(["status": "alive"]) }
        router.on(.get, "/readyz") { _ in await readiness() }
        let metrics = context.metrics
        router.on(.get, "/metrics") { _ in
            var response = Response.text(await metrics.text())
            response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
    }

    /// 200 where everything that a request needs is there, else 503 with what is missing.
    private func readiness() async -> Response {
        let missing = [await storeProblem(), await connectorProblem()].compactMap(\.self)
        guard missing.isEmpty else {
            return .json(
                ["status": "not_ready", "missing": .array(missing.map(JSONValue.string))],
                status: .unavailable
            )
        }
        return .json(["status": "ready"])
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
