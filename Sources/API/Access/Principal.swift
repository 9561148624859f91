package import Identifiers
package import Time

/// What a believed token says of its bearer.
package struct Identity: Sendable, Equatable {
    package var tenant: UUID
    /// Who it is, as TrainFlow names them.
    package var subject: String
    /// Any; which of them may call, `Role` says.
    package var role: String

    package init(tenant: UUID, subject: String, role: String) {
        self.tenant = tenant
        self.subject = subject
        self.role = role
    }
}

/// Who calls: somebody of a tenant who may.
package struct Principal: Sendable, Equatable {
    package var tenant: UUID
    package var subject: String
    package var role: Role

    package init(tenant: UUID, subject: String, role: Role) {
        self.tenant = tenant
        self.subject = subject
        self.role = role
    }
}

/// The roles that may call.
package enum Role: String, Sendable, CaseIterable {
    case administrator
    case trainingOfficer = "training_officer"

    /// TrainFlow calls administrators by two names.
    package init?(claim: String) {
        self.init(rawValue: claim == "admin" ? "administrator" : claim)
    }
}

/// Decides whether a bearer token is believed.
package protocol Authenticator: Sendable {
    func identity(_ token: String, now: Instant) throws(TokenRefusal) -> Identity
}

/// Why a token is not believed. The message may reach whoever sent it.
package struct TokenRefusal: Error, Sendable, Equatable {
    /// Stable: `expired`.
    package var code: String
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
