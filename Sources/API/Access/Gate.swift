internal import HTTPServer
internal import Synchronization
internal import Time

/// Lets a request in, or says why not: who it is, whether they may, whether their tenant asks too often.
final class Gate: Sendable {
    private let authenticator: any Authenticator
    /// Operation ids that only administrators may call.
    private let administratorOnly: Set<String>
    private let limiter: Mutex<RateLimiter>

    init(_ authenticator: any Authenticator, administratorOnly: Set<String>, rate: RateLimiter.Settings) {
        self.authenticator = authenticator
        self.administratorOnly = administratorOnly
        limiter = Mutex(RateLimiter(rate))
    }

    func admit(
        _ request: Request,
        to operationID: String,
        now: Instant,
        clock: ContinuousClock.Instant
    ) throws(Problem) -> Principal {
        let identity = try identity(request, now: now)
        guard let role = Role(claim: identity.role) else {
            throw .forbidden("role_not_allowed", "Only administrators and training officers may use integrations.")
        }
        guard role == .administrator || !administratorOnly.contains(operationID) else {
            throw .forbidden("administrators_only", "Whoever runs TrainFlow has kept this for administrators.")
        }
        let decision = limiter.withLock { $0.decide(identity.tenant, now: clock) }
        if case .wait(let wait) = decision { throw .tooManyRequests(wait) }
        return Principal(tenant: identity.tenant, subject: identity.subject, role: role)
    }

    private func identity(_ request: Request, now: Instant) throws(Problem) -> Identity {
        let fields = request.headers.all("Authorization")
        guard fields.count == 1, let token = Self.bearerToken(fields[0]) else {
            throw .unauthorized(
                "token_missing",
                "This needs a token: send it once, as Authorization: Bearer TOKEN.",
                challenge: "Bearer"
            )
        }
        do throws(TokenRefusal) {
            return try authenticator.identity(token, now: now)
        } catch {
            throw .unauthorized(
                "token_\(error.code)",
                "The token is not taken: \(error.message).",
                challenge: "Bearer error=\"invalid_token\""
            )
        }
    }

    /// RFC 6750, section 2.1; the scheme's name without case.
    private static func bearerToken(_ field: String) -> String? {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}

extension Problem {
    static func forbidden(_ code: String, _ detail: String) -> Problem {
        var problem = Problem(403, code, detail)
        problem.headers["WWW-Authenticate"] = "Bearer error=\"insufficient_scope\""
        return problem
    }

    static func tooManyRequests(_ wait: Duration) -> Problem {
        let seconds = max(1, Int64((wait / .seconds(1)).rounded(.up)))
        var problem = Problem(
            429,
            "too_many_requests",
            "Your organization asks more often than TrainFlow answers. Go on in \(seconds) s, and more slowly."
        )
        problem.headers["Retry-After"] = String(seconds)
        return problem
    }
}
