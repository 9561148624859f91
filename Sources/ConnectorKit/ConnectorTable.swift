public import PluginABI
internal import Synchronization

/// A connector as the table of functions that the host calls.
public enum ConnectorTable {
    /// The table of a connector, for `tfc_plugin_v0` to return; nil if the host is too old for it.
    ///
    /// `manifest` is the text that `TFC_MANIFEST` put into the file. A process has one connector: asked for another one,
    /// it answers nil.
    public static func make(
        _ connector: any Connector.Type,
        manifest: tfc_str,
        host: UnsafePointer<tfc_host>
    ) -> UnsafePointer<tfc_plugin>? {
        guard unsafe host.pointee.struct_size >= UInt32(MemoryLayout<tfc_host>.size) else { return nil }
        let isFirst = registration.withLock { registration in
            if let registration { return registration.connector == connector }
            unsafe registration = Registration(connector: connector, manifest: manifest, host: host)
            return true
        }
        return isFirst ? unsafe UnsafePointer(table) : nil
    }
}

/// What the functions that get no object of ours need to know.
@safe
private struct Registration: @unchecked Sendable {
    let connector: any Connector.Type
    // Sendable: `manifest` is part of the loaded file and `host` a constant of the runner's; both live as long as the
    // process and are only read.
    let manifest: tfc_str
    let host: UnsafePointer<tfc_host>
}

private let registration = Mutex<Registration?>(nil)

// Written once, here, and read by the host from any thread; never freed ([static] in trainflow_plugin.h).
private nonisolated(unsafe) let table: UnsafeMutablePointer<tfc_plugin> = {
    let table = UnsafeMutablePointer<tfc_plugin>.allocate(capacity: 1)
    unsafe table.initialize(
        to: tfc_plugin(
            struct_size: UInt32(MemoryLayout<tfc_plugin>.size),
            abi_minor: 0,
            describe: { unsafe registration.withLock { unsafe $0?.manifest ?? tfc_str() } },
            validate: { unsafe validate($0, $1, $2, $3) },
            open: { unsafe open($0, $1, $2, $3) },
            close: { connector in unsafe Unmanaged<OpenConnector>.fromOpaque(UnsafeRawPointer(connector)).release() },
            test: { unsafe test($0, $1, $2, $3) },
            discover: { unsafe discover($0, $1, $2, $3) },
            pull: { unsafe pull($0, $1, $2, $3, $4, $5) },
            push: nil,
            transform: nil,
            op_state: { operation, token, error in
                unsafe status(error) { () throws(ConnectorFailure) in
                    unsafe token.give(try opened(operation).token())
                }
            },
            op_error: { operation, error in
                guard let failure = unsafe opened(operation).failure else { return tfc_status(TFC_OK) }
                return unsafe error.give(failure)
            },
            op_summary: { operation, summary, _ in
                unsafe summary.give(opened(operation).summary().json)
                return tfc_status(TFC_OK)
            },
            op_cancel: { unsafe opened($0).cancel() },
            op_close: { operation in unsafe Unmanaged<Operation>.fromOpaque(UnsafeRawPointer(operation)).release() },
            extension: nil
        )
    )
    return unsafe table
}()

/// What `tfc_connector` stands for.
private final class OpenConnector {
    let connector: any Connector

    init(_ connector: any Connector) {
        self.connector = connector
    }
}

/// The operation that `pull` retained, until `op_close`.
private func opened(_ operation: OpaquePointer) -> Operation {
    unsafe Unmanaged<Operation>.fromOpaque(UnsafeRawPointer(operation)).takeUnretainedValue()
}

/// The connector that `open` retained, until `close`.
private func opened(_ connector: OpaquePointer) -> any Connector {
    unsafe Unmanaged<OpenConnector>.fromOpaque(UnsafeRawPointer(connector)).takeUnretainedValue().connector
}

/// Runs a call, and fills the error if it fails.
private func status(
    _ error: UnsafeMutablePointer<tfc_error>,
    _ body: () throws(ConnectorFailure) -> Void
) -> tfc_status {
    do throws(ConnectorFailure) {
        try body()
        return tfc_status(TFC_OK)
    } catch let failure {
        return unsafe error.give(failure)
    }
}

private func registered() throws(ConnectorFailure) -> Registration {
    guard let registration = registration.withLock({ $0 }) else {
        throw ConnectorFailure(
            .internalError,
            code: "not_loaded",
            message: "The host called a function of a connector it did not load."
        )
    }
    return registration
}

private func validate(
    _ context: OpaquePointer,
    _ settings: tfc_str,
    _ findings: UnsafeMutablePointer<tfc_blob>,
    _ error: UnsafeMutablePointer<tfc_error>
) -> tfc_status {
    unsafe status(error) { () throws(ConnectorFailure) in
        let connector = try registered().connector
        let found: [Finding]
        do throws(ConnectorFailure) {
            found = connector.findings(in: unsafe try Settings(json: settings.bytes))
        } catch {
            found = [Finding(error)]
        }
        unsafe findings.give(found.json)
    }
}

private func open(
    _ context: OpaquePointer,
    _ settings: tfc_str,
    _ out: UnsafeMutablePointer<OpaquePointer?>,
    _ error: UnsafeMutablePointer<tfc_error>
) -> tfc_status {
    unsafe status(error) { () throws(ConnectorFailure) in
        let settings = unsafe try Settings(json: settings.bytes)
        let connector = OpenConnector(try registered().connector.init(settings: settings))
        unsafe out.pointee = OpaquePointer(Unmanaged.passRetained(connector).toOpaque())
    }
}

private func test(
    _ connector: OpaquePointer,
    _ context: OpaquePointer,
    _ report: UnsafeMutablePointer<tfc_blob>,
    _ error: UnsafeMutablePointer<tfc_error>
) -> tfc_status {
    unsafe status(error) { () throws(ConnectorFailure) in
        let context = unsafe OperationContext(host: try registered().host, context: context)
        unsafe report.give(try opened(connector).test(context).json)
    }
}

private func discover(
    _ connector: OpaquePointer,
    _ context: OpaquePointer,
    _ streams: UnsafeMutablePointer<tfc_blob>,
    _ error: UnsafeMutablePointer<tfc_error>
) -> tfc_status {
    unsafe status(error) { () throws(ConnectorFailure) in
        let context = unsafe OperationContext(host: try registered().host, context: context)
        unsafe streams.give(try opened(connector).discover(context).json)
    }
}

private func pull(
    _ connector: OpaquePointer,
    _ context: OpaquePointer,
    _ request: tfc_str,
    _ out: UnsafeMutablePointer<OpaquePointer?>,
    _ stream: UnsafeMutablePointer<ArrowArrayStream>,
    _ error: UnsafeMutablePointer<tfc_error>
) -> tfc_status {
    unsafe status(error) { () throws(ConnectorFailure) in
        let context = unsafe OperationContext(host: try registered().host, context: context)
        let request = unsafe try PullRequest(json: request.bytes)
        let operation = unsafe Operation(reader: try opened(connector).pull(request, context), context: context)
        unsafe stream.initialize(to: operation.stream())
        unsafe out.pointee = OpaquePointer(Unmanaged.passRetained(operation).toOpaque())
    }
}
