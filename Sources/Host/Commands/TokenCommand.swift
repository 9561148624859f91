internal import Crypto
internal import Identifiers
internal import JSON
internal import Time

/// `trainflow token`: prints a token for the API and nothing else.
struct TokenCommand {
    private let tenant: UUID
    private let role: String
    private let subject: String
    private let timeToLive: Duration
    private let secret: Secret

    init(_ invocation: Invocation) throws(UsageError) {
        guard let tenant = UUID(try invocation.required(.tokenTenant)) else {
            throw UsageError("--tenant takes a UUID, as in 0198c0de-0000-7000-8000-000000000001")
        }
        self.tenant = tenant
        role = try Self.role(try invocation.required(.role))
        subject = try Self.subject(invocation.value(.subject) ?? Option.subject.defaultText)
        timeToLive = try Self.timeToLive(invocation.value(.timeToLive) ?? Option.timeToLive.defaultText)
        guard let secret = try TokenSecret.read(invocation) else {
            throw UsageError(
                "no secret to sign with: set JWT_SECRET (32 bytes or more) or JWT_SECRET_FILE to the server's. Where it "
                    + "takes its keys from a JWKS, only their owner makes tokens"
            )
        }
        self.secret = secret
    }

    func run() throws -> ExitCode {
        if !Self.passingRoles.contains(role) {
            let suggestion = nearest(to: role, in: Self.passingRoles).map { "; did you mean \($0)?" } ?? ""
            Terminal.error(
                "trainflow: warning: no endpoint takes the role \"\(role)\", only "
                    + "\(Self.passingRoles.joined(separator: ", "))\(suggestion)"
            )
        }
        let now = Instant.now()
        let claims: JSONObject = [
            "sub": .string(subject),
            "tenant_id": .string(tenant.description),
            "role": .string(role),
            "iat": .integer(now.microseconds / 1_000_000),
            "exp": .integer((now + timeToLive).microseconds / 1_000_000),
        ]
        Terminal.out(try JSONWebToken.signed(claims: claims, secret: secret) + "\n")
        return .done
    }

    /// The roles of the design's "Who may call".
    private static let passingRoles = ["administrator", "admin", "training_officer"]

    private static func role(_ text: String) throws(UsageError) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...64).contains(text.utf8.count) else {
            throw UsageError("--role takes one plain word, as in \(passingRoles.joined(separator: ", "))")
        }
        return text
    }

    private static func subject(_ text: String) throws(UsageError) -> String {
        guard (1...255).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw UsageError("--subject takes 1 to 255 bytes of text without control characters") }
        return text
    }

    private static func timeToLive(_ text: String) throws(UsageError) -> Duration {
        guard let duration = Duration.parse(text) else {
            throw UsageError("--ttl takes a whole number and s, m, h or d, as in 30s, 15m, 12h, 7d, not \"\(text)\"")
        }
        guard duration >= .seconds(1), duration <= .seconds(365 * 86_400) else {
            throw UsageError("--ttl \(text): a token is good for 1s at least and 365d at most")
        }
        return duration
    }
}
