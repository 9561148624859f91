import ConnectorKit
import ConnectorKitSupport
import Glibc
import Testing

@Suite struct `The host's services` {
    @Test func `inputs are known by name`() throws {
        let host = TestHost()
        let context = host.context()
        #expect(try context.inputs == [])
        let descriptor = host.handIn("x".utf8, as: "people é.csv")
        #expect(try context.inputs == ["people é.csv"])
        #expect(context.input("people é.csv") == descriptor)
        #expect(context.input("other") == nil)
        #expect(context.input("") == nil)
        #expect(context.cancelDescriptor == 7)
    }

    @Test func `log lines carry level, message and fields`() {
        let host = TestHost()
        let context = host.context()
        context.log(.warning, "slow", ["ms": "12", "who": "\"a\""])
        context.log(.debug, "")
        #expect(host.log == [#"2 slow {"ms":"12","who":"\"a\""}"#, "0  "])
    }

    @Test func `cancelling is seen once the host says so`() throws {
        let host = TestHost()
        let context = host.context()
        #expect(!context.isCancelled)
        try context.checkCancelled()
        host.cancel()
        #expect(context.isCancelled)
        let failure = #expect(throws: ConnectorFailure.self) { try context.checkCancelled() }
        #expect(failure?.failureClass == .cancelled)
    }

    @Test func `a secret is lent, given back, and replaced`() throws {
        let host = TestHost()
        let context = host.context()
        #expect(try context.withSecret("token") { $0.count } == nil)
        host.setSecret("token", "s3cret")
        let bytes = try context.withSecret("token") { secret in secret.indices.map { secret[$0] } }
        #expect(bytes == Array("s3cret".utf8))
        #expect(host.wiped == 1)
        try context.replaceSecret("token", with: "new")
        #expect(host.secret("token") == "new")
        #expect(throws: ConnectorFailure.self) { try context.replaceSecret("other", with: "new") }
        let failure = #expect(throws: ConnectorFailure.self) { try context.replaceSecret("token", with: "refused") }
        #expect(failure?.failureClass == .unavailable)
        #expect(failure?.code == "host_service")
        #expect(host.secret("token") == "new")
    }

    @Test func `a secret comes back also when its reader fails`() throws {
        let host = TestHost()
        host.setSecret("token", "")
        let context = host.context()
        #expect(throws: ConnectorFailure.self) {
            try context.withSecret("token") { secret throws(ConnectorFailure) in
                let isEmpty = secret.isEmpty
                #expect(isEmpty)
                throw .cancelled
            }
        }
        #expect(host.wiped == 1)
    }

    @Test func `the cache gives back what was put`() throws {
        let host = TestHost()
        let context = host.context()
        #expect(try context.cached("access") == nil)
        try context.cache("access", "abc", expiresAtMicroseconds: 5)
        #expect(try context.cached("access") == Array("abc".utf8))
        #expect(host.wiped == 1)
    }
}
