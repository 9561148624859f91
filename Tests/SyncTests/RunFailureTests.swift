import ConnectorHost
import JSON
import Store
import Sync
import Testing

struct `Why an attempt failed` {
    @Test func `the store's errors are told from those of the source, and by whether waiting helps`() {
        let classes: [(StoreError.Code, String)] = [
            (.busy, "unavailable"), (.unavailable, "unavailable"), (.full, "config"), (.corrupt, "config"),
            (.accounts, "internal"), (.bug, "internal"),
        ]
        for (code, errorClass) in classes {
            let error = StoreError(code, "/var/lib/trainflow.db: what happened.")
            let failure = RunFailure(error)
            #expect(failure.errorClass == errorClass && failure.code == "store_\(code)")
            #expect(failure.message == error.tenantMessage && !failure.message.contains("/var/lib"))
        }
    }

    @Test func `what is the host's fault is told without its paths, and what a connector says as it says it`() {
        for code in [
            "plugins_folder_open", "connector_refused", "unknown_provider", "input_gone", "runner_not_started",
        ] {
            let error = ConnectorError(.config, code: code, message: "/opt/plugins is broken.", isAboutTheHost: true)
            let failure = RunFailure(error)
            #expect(failure.code == code && !failure.message.contains("/opt"), "\(failure.message)")
        }
        let theirs = RunFailure(ConnectorError(.auth, code: "login_refused", message: "The password is wrong."))
        #expect(theirs == RunFailure(errorClass: "auth", code: "login_refused", message: "The password is wrong."))
        // A code that the host uses too makes a connector's words no secret.
        let odd = RunFailure(ConnectorError(.notFound, code: "input_gone", message: "The report is gone."))
        #expect(odd.message == "The report is gone.")
    }

    @Test func `what nobody has thought of is told without its words`() {
        struct Odd: Error { var path = "/etc/secret" }
        #expect(!RunFailure(Odd()).message.contains("secret"))
    }

    @Test func `a cancelled attempt is no failure of anybody's`() {
        #expect(RunFailure(CancellationError()).errorClass == "cancelled")
    }
}
