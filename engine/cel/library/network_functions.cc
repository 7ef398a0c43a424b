// Functions on IP addresses and networks.
#include "engine/base/ip.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {
namespace {

using Args = std::span<const Value>;

// True for an IPv4 address written within IPv6 with dots, which readers may take for either:
// "::ffff:1.2.3.4".
bool IsDottedMapped(std::string_view text) {
  const std::string_view address = text.substr(0, text.find('/'));
  return address.find(':') != std::string_view::npos && address.find('.') != std::string_view::npos;
}

std::optional<IpAddress> ReadIp(std::string_view text) {
  return IsDottedMapped(text) ? std::nullopt : ParseIp(text);
}
std::optional<IpNetwork> ReadCidr(std::string_view text) {
  return IsDottedMapped(text) ? std::nullopt : ParseIpNetwork(text);
}

Value MakeIp(const IpAddress& address, Arena& arena) {
  return Value::Ip(*new (arena.Allocate(sizeof(IpAddress))) IpAddress(address));
}
Value MakeCidr(const IpNetwork& network, Arena& arena) {
  return Value::Cidr(*new (arena.Allocate(sizeof(IpAddress))) IpAddress(network.address),
                     network.prefix);
}

Value NotAnIp() { return Value::Error("not an IP address such as 192.0.2.7 or 2001:db8::1"); }
Value NotACidr() { return Value::Error("not a network such as 192.0.2.0/24 or 2001:db8::/32"); }

// ip(text), and the address of a network.
Value Ip(Args args, Arena& arena) {
  if (args[0].Is(Kind::kCidr)) return Value::Ip(*args[0].address);
  if (!args[0].Is(Kind::kString)) return NoOverload();
  const auto address = ReadIp(args[0].AsText());
  return address ? MakeIp(*address, arena) : NotAnIp();
}

Value Cidr(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  const auto network = ReadCidr(args[0].AsText());
  return network ? MakeCidr(*network, arena) : NotACidr();
}

Value IsIp(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  return Value::Bool(ReadIp(args[0].AsText()).has_value());
}
Value IsCidr(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  return Value::Bool(ReadCidr(args[0].AsText()).has_value());
}

Value IsCanonical(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  const auto address = ReadIp(args[0].AsText());
  return address ? Value::Bool(FormatIp(*address) == args[0].AsText()) : NotAnIp();
}

// ---- kinds of addresses -------------------------------------------------------------------------

bool StartsWith(const IpAddress& a, std::string_view network) {
  return ParseIpNetwork(network)->Holds(a);
}
bool IsUnspecified(const IpAddress& a) {
  return StartsWith(a, "0.0.0.0/32") || StartsWith(a, "::/128");
}
bool IsLoopback(const IpAddress& a) {
  return StartsWith(a, "127.0.0.0/8") || StartsWith(a, "::1/128");
}
bool IsLinkLocalUnicast(const IpAddress& a) {
  return StartsWith(a, "169.254.0.0/16") || StartsWith(a, "fe80::/10");
}
// 224.0.0.0/24, and ff02:: with any flags.
bool IsLinkLocalMulticast(const IpAddress& a) {
  return StartsWith(a, "224.0.0.0/24") || (a[0] == 0xFF && (a[1] & 0x0F) == 0x02);
}
bool IsMulticast(const IpAddress& a) {
  return StartsWith(a, "224.0.0.0/4") || StartsWith(a, "ff00::/8");
}
// Private networks count as global here, as in RFC 4291.
bool IsGlobalUnicast(const IpAddress& a) {
  return !IsUnspecified(a) && !IsLoopback(a) && !IsMulticast(a) && !IsLinkLocalUnicast(a) &&
         !StartsWith(a, "255.255.255.255/32");
}

template <bool (*kTest)(const IpAddress&)>
Value Test(Args args, Arena&) {
  if (!args[0].Is(Kind::kIp)) return NoOverload();
  return Value::Bool(kTest(*args[0].address));
}

Value Family(Args args, Arena&) {
  if (!args[0].Is(Kind::kIp)) return NoOverload();
  return Value::Int(IsV4(*args[0].address) ? 4 : 6);
}

// ---- networks -----------------------------------------------------------------------------------

bool IsV4Network(const IpNetwork& n) { return IsV4(n.address) && n.prefix >= 96; }

Value ContainsIp(Args args, Arena&) {
  if (!args[0].Is(Kind::kCidr)) return NoOverload();
  if (args[1].Is(Kind::kIp)) return Value::Bool(args[0].AsNetwork().Holds(*args[1].address));
  if (!args[1].Is(Kind::kString)) return NoOverload();
  const auto address = ReadIp(args[1].AsText());
  return address ? Value::Bool(args[0].AsNetwork().Holds(*address)) : NotAnIp();
}

Value ContainsCidr(Args args, Arena&) {
  if (!args[0].Is(Kind::kCidr)) return NoOverload();
  std::optional<IpNetwork> inner;
  if (args[1].Is(Kind::kCidr)) {
    inner = args[1].AsNetwork();
  } else if (args[1].Is(Kind::kString)) {
    inner = ReadCidr(args[1].AsText());
    if (!inner) return NotACidr();
  } else {
    return NoOverload();
  }
  const IpNetwork outer = args[0].AsNetwork();
  return Value::Bool(outer.prefix <= inner->prefix && outer.Holds(inner->address));
}

Value PrefixLength(Args args, Arena&) {
  if (!args[0].Is(Kind::kCidr)) return NoOverload();
  const IpNetwork network = args[0].AsNetwork();
  return Value::Int(IsV4Network(network) ? network.prefix - 96 : network.prefix);
}

Value MaskedNetwork(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kCidr)) return NoOverload();
  return MakeCidr(Masked(args[0].AsNetwork()), arena);
}

}  // namespace

void AddNetworkFunctions(Environment& e) {
  e.AddFunction("ip", {"(string) net.IP", "net.CIDR.() net.IP"}, &Ip);
  e.Describe("ip", "an IP address; fails if the text is not valid", "ip(order.ip).family() == 6");
  e.AddFunction("cidr", {"(string) net.CIDR"}, &Cidr);
  e.Describe("cidr", "a network of addresses; fails if the text is not valid",
             "cidr('10.0.0.0/8').containsIP(order.ip)");
  e.AddFunction("isIP", {"(string) bool"}, &IsIp);
  e.Describe("isIP", "is the text an IP address?", "!isIP(order.ip)");
  e.AddFunction("isCIDR", {"(string) bool"}, &IsCidr);
  e.Describe("isCIDR", "is the text a network?", "isCIDR('192.0.2.0/24')");
  e.AddFunction("ip.isCanonical", {"(string) bool"}, &IsCanonical);
  e.Describe("ip.isCanonical", "is the address written in its shortest form?",
             "ip.isCanonical(order.ip)");
  e.AddFunction("family", {"net.IP.() int"}, &Family);
  e.Describe("family", "4 or 6", "ip(order.ip).family() == 4");
  e.AddFunction("isUnspecified", {"net.IP.() bool"}, &Test<&IsUnspecified>);
  e.Describe("isUnspecified", "0.0.0.0 or ::", "ip(order.ip).isUnspecified()");
  e.AddFunction("isLoopback", {"net.IP.() bool"}, &Test<&IsLoopback>);
  e.Describe("isLoopback", "127.0.0.0/8 or ::1", "ip(order.ip).isLoopback()");
  e.AddFunction("isGlobalUnicast", {"net.IP.() bool"}, &Test<&IsGlobalUnicast>);
  e.Describe("isGlobalUnicast", "a global unicast address; private networks count as global",
             "!ip(order.ip).isGlobalUnicast()");
  e.AddFunction("isLinkLocalUnicast", {"net.IP.() bool"}, &Test<&IsLinkLocalUnicast>);
  e.Describe("isLinkLocalUnicast", "169.254.0.0/16 or fe80::/10",
             "ip(order.ip).isLinkLocalUnicast()");
  e.AddFunction("isLinkLocalMulticast", {"net.IP.() bool"}, &Test<&IsLinkLocalMulticast>);
  e.Describe("isLinkLocalMulticast", "224.0.0.0/24 or ff02::/16",
             "ip(order.ip).isLinkLocalMulticast()");
  e.AddFunction("containsIP", {"net.CIDR.(net.IP) bool", "net.CIDR.(string) bool"}, &ContainsIp);
  e.Describe("containsIP", "does the network hold the address?",
             "cidr('192.0.2.0/24').containsIP(order.ip)");
  e.AddFunction("containsCIDR", {"net.CIDR.(net.CIDR) bool", "net.CIDR.(string) bool"},
                &ContainsCidr);
  e.Describe("containsCIDR", "does the network hold all of another one?",
             "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')");
  e.AddFunction("prefixLength", {"net.CIDR.() int"}, &PrefixLength);
  e.Describe("prefixLength", "the bits that all addresses of the network share",
             "cidr('10.0.0.0/8').prefixLength() == 8");
  e.AddFunction("masked", {"net.CIDR.() net.CIDR"}, &MaskedNetwork);
  e.Describe("masked", "the network with the other bits cleared",
             "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')");
}

}  // namespace holdfast::cel
