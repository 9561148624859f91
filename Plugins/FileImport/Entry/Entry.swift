internal import ConnectorKit
internal import FileImport
internal import FileImportManifest
public import PluginABI

// swift-format-ignore: AlwaysUseLowerCamelCase
/// What `trainflow_plugin.h` says.
@c @implementation
public func tfc_plugin_v0(_ host: UnsafePointer<tfc_host>) -> UnsafePointer<tfc_plugin>? {
    unsafe ConnectorTable.make(FileImport.self, manifest: file_import_manifest(), host: host)
}
