internal import HTTPServer
internal import JSON

/// What machines ask that watch the process: whether it lives, whether it can work, and its numbers. No token is needed;
/// nothing of a tenant is told.
struct OperatorRoutes: Sendable {
    private let context: APIContext

    init(_ context: APIContext) {
        self.context = context
    }

    func add(to router: inout Router) {
        router.immediately(.get, "/healthz") { _ in .json(["status": "alive"]) }
        let readiness = Readiness(context)
        router.on(.get, "/readyz") { _ in await readiness.answer() }
        let metrics = context.metrics
        router.on(.get, "/metrics") { _ in
            var response = Response.text(await metrics.text())
            response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
    }
}
