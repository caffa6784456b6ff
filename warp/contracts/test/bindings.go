// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package test

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/luxfi/geth/accounts/abi"
	"github.com/luxfi/geth/accounts/abi/bind/v2"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/geth/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// CallerStep is an auto generated low-level Go binding around an user-defined struct.
type CallerStep struct {
	To    common.Address
	Value *big.Int
	Input []byte
}

// WarpBlockHash is an auto generated low-level Go binding around an user-defined struct.
type WarpBlockHash struct {
	SourceChainID [32]byte
	BlockHash     [32]byte
}

// WarpMessage is an auto generated low-level Go binding around an user-defined struct.
type WarpMessage struct {
	SourceChainID       [32]byte
	OriginSenderAddress common.Address
	Payload             []byte
}

// CallerMetaData contains all meta data concerning the Caller contract.
var CallerMetaData = bind.MetaData{
	ABI: "[{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"bool\",\"name\":\"done\",\"type\":\"bool\"},{\"indexed\":false,\"internalType\":\"bytes\",\"name\":\"answer\",\"type\":\"bytes\"}],\"name\":\"Answered\",\"type\":\"event\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"value\",\"type\":\"uint256\"},{\"internalType\":\"bytes\",\"name\":\"input\",\"type\":\"bytes\"}],\"internalType\":\"structCaller.Step[]\",\"name\":\"steps\",\"type\":\"tuple[]\"}],\"name\":\"run\",\"outputs\":[{\"internalType\":\"bytes[]\",\"name\":\"answers\",\"type\":\"bytes[]\"}],\"stateMutability\":\"payable\",\"type\":\"function\"},{\"stateMutability\":\"payable\",\"type\":\"receive\"}]",
	ID:  "Caller",
	Bin: "0x60808060405234601557610553908161001a8239f35b5f80fdfe6080604052600436101561001a575b3615610018575f80fd5b005b5f3560e01c63b06f1eb40361000e5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126102875760043567ffffffffffffffff811161028757366023820112156102875780600401359067ffffffffffffffff8211610287576024810190602436918460051b010111610287576100a28261040e565b916100b060405193846103a0565b8083527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe06100dd8261040e565b015f5b8181106103325750505f5b81811061017557836040518091602082016020835281518091526040830190602060408260051b8601019301915f905b82821061012a57505050500390f35b91936020610165827fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc060019597998495030186528851610343565b960192019201859493919261011b565b73ffffffffffffffffffffffffffffffffffffffff61019d610198838587610426565b610493565b1661028b576101ba6101b0828486610426565b60408101906104b4565b6101c681939293610505565b926101d460405194856103a0565b818452602084013683830111610287576001945f6020857f79cacdbdf9f291909f4f0f45f15f5254bc0ac739f62aa690ec4211ae348a2df69673ffffffffffffffffffffffffffffffffffffffff9686378301015251905ff016604051816020820152602081526102466040826103a0565b610250848961053f565b5215155b61025e838861053f565b519061027e60405192839215158352604060208401526040830190610343565b0390a1016100eb565b5f80fd5b807f79cacdbdf9f291909f4f0f45f15f5254bc0ac739f62aa690ec4211ae348a2df65f806102bf610198600196888a610426565b60206102cc86898b610426565b01356102dc6101b0878a8c610426565b919082604051938492833781018581520392620f4240f13d1561032b573d61030381610505565b9061031160405192836103a0565b81523d5f602083013e5b610325848961053f565b52610254565b606061031b565b8060606020809388010152016100e0565b91908251928382525f5b84811061038b5750507fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f845f6020809697860101520116010190565b8060208092840101518282860101520161034d565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff8211176103e157604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b67ffffffffffffffff81116103e15760051b60200190565b91908110156104665760051b810135907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa181360301821215610287570190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b3573ffffffffffffffffffffffffffffffffffffffff811681036102875790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610287570180359067ffffffffffffffff82116102875760200191813603831361028757565b67ffffffffffffffff81116103e157601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200190565b80518210156104665760209160051b01019056",
}

// Caller is an auto generated Go binding around an Ethereum contract.
type Caller struct {
	abi abi.ABI
}

// NewCaller creates a new instance of Caller.
func NewCaller() *Caller {
	parsed, err := CallerMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Caller{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Caller) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackRun is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb06f1eb4.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function run((address,uint256,bytes)[] steps) payable returns(bytes[] answers)
func (caller *Caller) PackRun(steps []CallerStep) []byte {
	enc, err := caller.abi.Pack("run", steps)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRun is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb06f1eb4.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function run((address,uint256,bytes)[] steps) payable returns(bytes[] answers)
func (caller *Caller) TryPackRun(steps []CallerStep) ([]byte, error) {
	return caller.abi.Pack("run", steps)
}

// UnpackRun is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb06f1eb4.
//
// Solidity: function run((address,uint256,bytes)[] steps) payable returns(bytes[] answers)
func (caller *Caller) UnpackRun(data []byte) ([][]byte, error) {
	out, err := caller.abi.Unpack("run", data)
	if err != nil {
		return *new([][]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([][]byte)).(*[][]byte)
	return out0, nil
}

// CallerAnswered represents a Answered event raised by the Caller contract.
type CallerAnswered struct {
	Done   bool
	Answer []byte
	Raw    *types.Log // Blockchain specific contextual infos
}

const CallerAnsweredEventName = "Answered"

// ContractEventName returns the user-defined event name.
func (CallerAnswered) ContractEventName() string {
	return CallerAnsweredEventName
}

// UnpackAnsweredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Answered(bool done, bytes answer)
func (caller *Caller) UnpackAnsweredEvent(log *types.Log) (*CallerAnswered, error) {
	event := "Answered"
	if len(log.Topics) == 0 || log.Topics[0] != caller.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(CallerAnswered)
	if len(log.Data) > 0 {
		if err := caller.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range caller.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// InboxMetaData contains all meta data concerning the Inbox contract.
var InboxMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain_\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[],\"name\":\"NotADelivery\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"NotVerified\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"taken\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"}],\"name\":\"OlderHeight\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"session\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"taken\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"sequence\",\"type\":\"uint64\"}],\"name\":\"Replayed\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongChain\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"take\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Inbox",
	Bin: "0x60a034605657601f6105ec38819003918201601f19168301916001600160401b03831184841017605a578084926020946040528339810103126056575160805260405161057d908161006f82396080518160660152f35b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe60806040526004361015610011575f80fd5b5f3560e01c63cc7cff0e14610024575f80fd5b3461046d5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261046d5760043563ffffffff811680910361046d577f000000000000000000000000000000000000000000000000000000000000000061008d6104ff565b506100966104ff565b90604051927f6f8253500000000000000000000000000000000000000000000000000000000084528060048501525f846024817302000000000000000000000000000000000000055afa80156104b3575f945f9161033c575b50156103115750610104835182808214610546565b604083015190815160d1811490816102cc575b50156102a457602182015161012e91818114610546565b604181015160c01c825260498101516020830152606981015190604083019182526089810151606084015273ffffffffffffffffffffffffffffffffffffffff80602060a984015160c01c966080870197885260d160b1860151958660a08a0152015160c08801520151169116036102a45780515f525f60205260405f209267ffffffffffffffff81511684549267ffffffffffffffff84169051818311156102735750505067ffffffffffffffff83511667ffffffffffffffff8360401c168082106102455750506fffffffffffffffff000000000000000067ffffffffffffffff7fffffffffffffffffffffffffffffffff00000000000000000000000000000000925116935160401b169116171790555f80f35b7f07bb098b000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7fb1f66572000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b7fecb1f7af000000000000000000000000000000000000000000000000000000005f5260045ffd5b9050156102e4576001602083015160f81c145f610117565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b7fc4fab876000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9392919450503d805f853e61035181856104be565b83019360408486031261046d57835167ffffffffffffffff811161046d5784019360608587031261046d57604051946060860186811067ffffffffffffffff8211176104865760405280518652602081015173ffffffffffffffffffffffffffffffffffffffff8116810361046d57602087015260408101519067ffffffffffffffff821161046d57019580601f8801121561046d57865167ffffffffffffffff8111610486576040519161042e60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f85011601846104be565b8183526020828a01011161046d575f5b81811061047157506020809495969798505f91830101526040870152015193841515850361046d57935f6100ef565b5f80fd5b80602080928b0101518282860101520161043e565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6040513d5f823e3d90fd5b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761048657604052565b6040519060e0820182811067ffffffffffffffff821117610486576040525f60c0838281528260208201528260408201528260608201528260808201528260a08201520152565b1561054f575050565b7fe894bab4000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd",
}

// Inbox is an auto generated Go binding around an Ethereum contract.
type Inbox struct {
	abi abi.ABI
}

// NewInbox creates a new instance of Inbox.
func NewInbox() *Inbox {
	parsed, err := InboxMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Inbox{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Inbox) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 chain_) returns()
func (inbox *Inbox) PackConstructor(chain_ [32]byte) []byte {
	enc, err := inbox.abi.Pack("", chain_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackTake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcc7cff0e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function take(uint32 index) returns()
func (inbox *Inbox) PackTake(index uint32) []byte {
	enc, err := inbox.abi.Pack("take", index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTake is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcc7cff0e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function take(uint32 index) returns()
func (inbox *Inbox) TryPackTake(index uint32) ([]byte, error) {
	return inbox.abi.Pack("take", index)
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (inbox *Inbox) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], inbox.abi.Errors["NotADelivery"].ID.Bytes()[:4]) {
		return inbox.UnpackNotADeliveryError(raw[4:])
	}
	if bytes.Equal(raw[:4], inbox.abi.Errors["NotVerified"].ID.Bytes()[:4]) {
		return inbox.UnpackNotVerifiedError(raw[4:])
	}
	if bytes.Equal(raw[:4], inbox.abi.Errors["OlderHeight"].ID.Bytes()[:4]) {
		return inbox.UnpackOlderHeightError(raw[4:])
	}
	if bytes.Equal(raw[:4], inbox.abi.Errors["Replayed"].ID.Bytes()[:4]) {
		return inbox.UnpackReplayedError(raw[4:])
	}
	if bytes.Equal(raw[:4], inbox.abi.Errors["WrongChain"].ID.Bytes()[:4]) {
		return inbox.UnpackWrongChainError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// InboxNotADelivery represents a NotADelivery error raised by the Inbox contract.
type InboxNotADelivery struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotADelivery()
func InboxNotADeliveryErrorID() common.Hash {
	return common.HexToHash("0xecb1f7afcabf90138e39817d1b8ba40c97bfcacd5fd9380b892073e1a5d59396")
}

// UnpackNotADeliveryError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotADelivery()
func (inbox *Inbox) UnpackNotADeliveryError(raw []byte) (*InboxNotADelivery, error) {
	out := new(InboxNotADelivery)
	if err := inbox.abi.UnpackIntoInterface(out, "NotADelivery", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// InboxNotVerified represents a NotVerified error raised by the Inbox contract.
type InboxNotVerified struct {
	Index uint32
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotVerified(uint32 index)
func InboxNotVerifiedErrorID() common.Hash {
	return common.HexToHash("0xc4fab87667bea64ca65f3264cef37dd7e8afeb2820f9a099a8979ffb781c9adc")
}

// UnpackNotVerifiedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotVerified(uint32 index)
func (inbox *Inbox) UnpackNotVerifiedError(raw []byte) (*InboxNotVerified, error) {
	out := new(InboxNotVerified)
	if err := inbox.abi.UnpackIntoInterface(out, "NotVerified", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// InboxOlderHeight represents a OlderHeight error raised by the Inbox contract.
type InboxOlderHeight struct {
	Taken  uint64
	Height uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OlderHeight(uint64 taken, uint64 height)
func InboxOlderHeightErrorID() common.Hash {
	return common.HexToHash("0x07bb098b4226626c93a81bfc495829c6232b8948bbe226caacef715b4ec9072f")
}

// UnpackOlderHeightError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OlderHeight(uint64 taken, uint64 height)
func (inbox *Inbox) UnpackOlderHeightError(raw []byte) (*InboxOlderHeight, error) {
	out := new(InboxOlderHeight)
	if err := inbox.abi.UnpackIntoInterface(out, "OlderHeight", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// InboxReplayed represents a Replayed error raised by the Inbox contract.
type InboxReplayed struct {
	Session  [32]byte
	Taken    uint64
	Sequence uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Replayed(bytes32 session, uint64 taken, uint64 sequence)
func InboxReplayedErrorID() common.Hash {
	return common.HexToHash("0xb1f66572d0f39b7af2e6d9914f288329780294d9bf01658ba7d66e8c3baa500c")
}

// UnpackReplayedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Replayed(bytes32 session, uint64 taken, uint64 sequence)
func (inbox *Inbox) UnpackReplayedError(raw []byte) (*InboxReplayed, error) {
	out := new(InboxReplayed)
	if err := inbox.abi.UnpackIntoInterface(out, "Replayed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// InboxWrongChain represents a WrongChain error raised by the Inbox contract.
type InboxWrongChain struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongChain(bytes32 expected, bytes32 got)
func InboxWrongChainErrorID() common.Hash {
	return common.HexToHash("0xe894bab4e90ad4759f46ff1614c5903b2e85e1f1c678e445d94d9574c14a3347")
}

// UnpackWrongChainError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongChain(bytes32 expected, bytes32 got)
func (inbox *Inbox) UnpackWrongChainError(raw []byte) (*InboxWrongChain, error) {
	out := new(InboxWrongChain)
	if err := inbox.abi.UnpackIntoInterface(out, "WrongChain", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ProofsMetaData contains all meta data concerning the Proofs contract.
var ProofsMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[],\"name\":\"Malformed\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotAProof\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NotNeighbours\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"expected\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"got\",\"type\":\"bytes\"}],\"name\":\"WrongKey\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"got\",\"type\":\"bytes32\"}],\"name\":\"WrongRoot\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"key\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"proof\",\"type\":\"bytes\"}],\"name\":\"absent\",\"outputs\":[],\"stateMutability\":\"pure\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"root\",\"type\":\"bytes32\"},{\"internalType\":\"bytes\",\"name\":\"key\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"proof\",\"type\":\"bytes\"}],\"name\":\"valueAt\",\"outputs\":[{\"internalType\":\"bytes\",\"name\":\"\",\"type\":\"bytes\"}],\"stateMutability\":\"pure\",\"type\":\"function\"}]",
	ID:  "Proofs",
	Bin: "0x608080604052346015576110eb908161001a8239f35b5f80fdfe60806040526004361015610011575f80fd5b5f3560e01c806397c71e991461027557639e342f7d1461002f575f80fd5b346102715761004d61004036610332565b9394919290923691610479565b82151580610230575b1561017b5761006760018484610b68565b9390926100748583610641565b841161017b5761009361009b91868461008d8883610607565b9261064e565b949095610607565b0361017b576100aa8284610666565b95906100d2818489966100be368484610479565b6020815191012081516020830120146104dd565b5f956601000000000000978681101561017b577f12000000000000000000000000000000000000000000000000000000000000007fff00000000000000000000000000000000000000000000000000000000000000610132838a86610595565b3516146101ed575b508585106101a3575b505050500361017b570361015357005b7fdb84eee4000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f7c01d2d9000000000000000000000000000000000000000000000000000000005f5260045ffd5b6101c29750906101bb6101da9495876101d59461070a565b999161076c565b98939592969150508751908082146105a1565b610a95565b156101535760200151925f808080610143565b81975061020c955082610205610220928988956106ca565b989161076c565b80979492506101d5915051898082146105a1565b156101535760400151955f61013a565b50821561024457813560f81c601214610056565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b5f80fd5b346102715761029861029e61028936610332565b94928592969194963691610479565b92610666565b9491949390930361017b576102e56102da6102c86102ec95610300976102c26105d8565b5061076c565b979294919796909651908082146105a1565b6100be368484610479565b3691610479565b6040519182916020835260208301906103c8565b0390f35b9181601f840112156102715782359167ffffffffffffffff8311610271576020838186019501011161027157565b9060607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc830112610271576004359160243567ffffffffffffffff8111610271578161038091600401610304565b929092916044359067ffffffffffffffff8211610271576103a391600401610304565b9091565b5f5b8381106103b85750505f910152565b81810151838201526020016103a9565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602093610404815180928187528780880191016103a7565b0116010190565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761044c57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b92919267ffffffffffffffff821161044c57604051916104c160207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f840116018461040b565b829481845281830111610271578281602093845f960137010152565b939293919091156104ee5750509050565b602092507fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f85610554966040519788967f4f7618160000000000000000000000000000000000000000000000000000000088526040600489015260448801906103c8565b947ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc878703016024880152818652878601375f868286010152011601030190fd5b90821015610244570190565b156105aa575050565b7fa864586d000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b604051906060820182811067ffffffffffffffff82111761044c576040525f6040838281528260208201520152565b9190820180921161061457565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9190820391821161061457565b90939293848311610271578411610271578101920390565b9091821515806106b6575b1561017b5761068260018484610b68565b92909361068f8482610641565b851161017b576106b091846106a89261008d8883610607565b949093610607565b91929190565b50821561024457813560f81c600a14610671565b91929092838110806106f2575b1561017b576001810180911161061457610682908484610b68565b506012610700828686610595565b3560f81c146106d7565b9192909283811080610731571561017b576001810180911161061457610682908484610b68565b50601a610700828686610595565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146106145760010190565b9182916107776105d8565b916107828285610666565b82939193906107938591878a6106ca565b919690956107a488938a899d61070a565b9884151580610a8b575b80610a82575b1561017b576006821180610a2e575b1561017b578160061080610a19575b1561017b576107e360078385610b68565b9290936107f08483610641565b851161017b5761080961081191858461008d8983610607565b959094610607565b0361017b576108208383610c66565b9a8b511580610a0b575b806109fe575b1561017b57815f9160209360405192839283378101838152039060025afa156109f357836108e2602160016108f3955f976020809a8a519260405198858a968588019c8d378601917fff000000000000000000000000000000000000000000000000000000000000008260f81b1685840152888301370101907f20000000000000000000000000000000000000000000000000000000000000008483015260028201520301600181018452018261040b565b6040519283928392519283916103a7565b8101039060025afa156109f3575f5188525f945b87811080156109bd57603087101561017b578b90828a826109a2575b505090501561017b57600181018091116106145761094290888c610b68565b9561094d878a610641565b821161017b5761097e8261097561096d8f8b8e61008d61098a9983610607565b92909a610607565b988a8d51610cdf565b908b526109905761073f565b94610907565b60208a016001821b815117905261073f565b6109af9250602293610595565b3560f81c148b90828a610923565b505096945096945096509060300360308111610614576109ec90600160208501918251811b8093521b90610607565b6040830152565b6040513d5f823e3d90fd5b508360608d015114610830565b50600160208d01511461082a565b1561024457602a600684013560f81c146107d2565b5081600611610271577f08011801200100000000000000000000000000000000000000000000000000007fffffffffffff0000000000000000000000000000000000000000000000000000843516146107c3565b508015156107b4565b50608085106107ae565b92905f5b81811080610b5f575b15610b57577fff00000000000000000000000000000000000000000000000000000000000000610ad3828488610595565b35167fff00000000000000000000000000000000000000000000000000000000000000610b01838688610595565b351603610b1657610b119061073f565b610a99565b90917fff00000000000000000000000000000000000000000000000000000000000000610b4983610b5195839798610595565b351694610595565b35161190565b501092915050565b50828110610aa2565b9192905f905f5b60408110610b9f577f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b81861015610c2a57610bbb610bb38761073f565b968387610595565b3560f81c92607f8416821b179260808110610c0a57506007810180911115610b6f577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b9150919293501590811591610c5d575b5080610c52575b15610c2a579190565b7f07b6ad3f000000000000000000000000000000000000000000000000000000005f5260045ffd5b508060401c15610c21565b9050155f610c1a565b9190604051906080820182811067ffffffffffffffff82111761044c576040525f825260208201915f835260408101925f845260608201925f84528296610cae5f8383610b68565b6001821661017b57610cd195610cca9260011c905283836110cf565b93526110cf565b9252600c82101561017b5752565b92600281118061107b575b1561017b578060021080611066575b1561017b57610d0a60038285610b68565b919092610d178383610641565b841161017b57610d35610809610d2d8686610607565b85858961064e565b90610d408585610c66565b805182511080611055575b80611043575b1561017b57606081610d7f93889351906020830151604084015160408301526020820152520151818661064e565b91838114610f335783811080610f1b575b1561017b576001810180911161061457610dab908488610b68565b939096610db88583610641565b881161017b57610dd1610dd991868461008d8c83610607565b989095610607565b0361017b57600182149182610ec7575b505080610ebd575b80610e6b575b1561017b576108e26020610e5894818781995f99604051978589968688019b8c378601928584015260408301370101878382015203017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0810183528261040b565b8101039060025afa156109f3575f805191565b508315610244577f20000000000000000000000000000000000000000000000000000000000000007fff0000000000000000000000000000000000000000000000000000000000000082351614610df7565b5060218414610df1565b9091501561024457357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f80610de9565b50601a610f2982868a610595565b3560f81c14610d90565b50915091949350602282149182610fef575b82610f95575b50501561017b576020925f926108e28580610f809560405194818692848401988937820190838201520301808452018261040b565b8101039060025afa156109f3575f5190600190565b9091506021101561024457602101357fff00000000000000000000000000000000000000000000000000000000000000167f2000000000000000000000000000000000000000000000000000000000000000145f80610f4b565b80925015610244577f20000000000000000000000000000000000000000000000000000000000000007fff000000000000000000000000000000000000000000000000000000000000008235161491610f45565b50604081015160408301511115610d51565b506020810151602083015110610d4b565b15610244576012600284013560f81c14610cf9565b5080600211610271577f08010000000000000000000000000000000000000000000000000000000000007fffff00000000000000000000000000000000000000000000000000000000000084351614610cea565b906110da9291610b68565b91906001811661017b5760011c919056",
}

// Proofs is an auto generated Go binding around an Ethereum contract.
type Proofs struct {
	abi abi.ABI
}

// NewProofs creates a new instance of Proofs.
func NewProofs() *Proofs {
	parsed, err := ProofsMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Proofs{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Proofs) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackAbsent is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9e342f7d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function absent(bytes32 root, bytes key, bytes proof) pure returns()
func (proofs *Proofs) PackAbsent(root [32]byte, key []byte, proof []byte) []byte {
	enc, err := proofs.abi.Pack("absent", root, key, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAbsent is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9e342f7d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function absent(bytes32 root, bytes key, bytes proof) pure returns()
func (proofs *Proofs) TryPackAbsent(root [32]byte, key []byte, proof []byte) ([]byte, error) {
	return proofs.abi.Pack("absent", root, key, proof)
}

// PackValueAt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x97c71e99.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function valueAt(bytes32 root, bytes key, bytes proof) pure returns(bytes)
func (proofs *Proofs) PackValueAt(root [32]byte, key []byte, proof []byte) []byte {
	enc, err := proofs.abi.Pack("valueAt", root, key, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackValueAt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x97c71e99.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function valueAt(bytes32 root, bytes key, bytes proof) pure returns(bytes)
func (proofs *Proofs) TryPackValueAt(root [32]byte, key []byte, proof []byte) ([]byte, error) {
	return proofs.abi.Pack("valueAt", root, key, proof)
}

// UnpackValueAt is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x97c71e99.
//
// Solidity: function valueAt(bytes32 root, bytes key, bytes proof) pure returns(bytes)
func (proofs *Proofs) UnpackValueAt(data []byte) ([]byte, error) {
	out, err := proofs.abi.Unpack("valueAt", data)
	if err != nil {
		return *new([]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([]byte)).(*[]byte)
	return out0, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (proofs *Proofs) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], proofs.abi.Errors["Malformed"].ID.Bytes()[:4]) {
		return proofs.UnpackMalformedError(raw[4:])
	}
	if bytes.Equal(raw[:4], proofs.abi.Errors["NotAProof"].ID.Bytes()[:4]) {
		return proofs.UnpackNotAProofError(raw[4:])
	}
	if bytes.Equal(raw[:4], proofs.abi.Errors["NotNeighbours"].ID.Bytes()[:4]) {
		return proofs.UnpackNotNeighboursError(raw[4:])
	}
	if bytes.Equal(raw[:4], proofs.abi.Errors["WrongKey"].ID.Bytes()[:4]) {
		return proofs.UnpackWrongKeyError(raw[4:])
	}
	if bytes.Equal(raw[:4], proofs.abi.Errors["WrongRoot"].ID.Bytes()[:4]) {
		return proofs.UnpackWrongRootError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// ProofsMalformed represents a Malformed error raised by the Proofs contract.
type ProofsMalformed struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Malformed()
func ProofsMalformedErrorID() common.Hash {
	return common.HexToHash("0x07b6ad3ff7dbc4002539ae21306d8899743aedf933b34101681c6906979f10a5")
}

// UnpackMalformedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Malformed()
func (proofs *Proofs) UnpackMalformedError(raw []byte) (*ProofsMalformed, error) {
	out := new(ProofsMalformed)
	if err := proofs.abi.UnpackIntoInterface(out, "Malformed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ProofsNotAProof represents a NotAProof error raised by the Proofs contract.
type ProofsNotAProof struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotAProof()
func ProofsNotAProofErrorID() common.Hash {
	return common.HexToHash("0x7c01d2d99870c97d87263e8efad5f2f068a94c9f460eb0873a334e089e845598")
}

// UnpackNotAProofError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotAProof()
func (proofs *Proofs) UnpackNotAProofError(raw []byte) (*ProofsNotAProof, error) {
	out := new(ProofsNotAProof)
	if err := proofs.abi.UnpackIntoInterface(out, "NotAProof", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ProofsNotNeighbours represents a NotNeighbours error raised by the Proofs contract.
type ProofsNotNeighbours struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotNeighbours()
func ProofsNotNeighboursErrorID() common.Hash {
	return common.HexToHash("0xdb84eee4b6cff793b0eea2a4b2235b6b082945df6ba55ad15ed990c16e1bc028")
}

// UnpackNotNeighboursError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotNeighbours()
func (proofs *Proofs) UnpackNotNeighboursError(raw []byte) (*ProofsNotNeighbours, error) {
	out := new(ProofsNotNeighbours)
	if err := proofs.abi.UnpackIntoInterface(out, "NotNeighbours", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ProofsWrongKey represents a WrongKey error raised by the Proofs contract.
type ProofsWrongKey struct {
	Expected []byte
	Got      []byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongKey(bytes expected, bytes got)
func ProofsWrongKeyErrorID() common.Hash {
	return common.HexToHash("0x4f761816ea8b753d0b0ba2f93367d863ca738c6c73d55ba9f2f1e23e0fcceb2b")
}

// UnpackWrongKeyError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongKey(bytes expected, bytes got)
func (proofs *Proofs) UnpackWrongKeyError(raw []byte) (*ProofsWrongKey, error) {
	out := new(ProofsWrongKey)
	if err := proofs.abi.UnpackIntoInterface(out, "WrongKey", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// ProofsWrongRoot represents a WrongRoot error raised by the Proofs contract.
type ProofsWrongRoot struct {
	Expected [32]byte
	Got      [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongRoot(bytes32 expected, bytes32 got)
func ProofsWrongRootErrorID() common.Hash {
	return common.HexToHash("0xa864586d2a8349087c0526b31fd228c7c3946fb4fe0a81d106bb2994a2b3c293")
}

// UnpackWrongRootError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongRoot(bytes32 expected, bytes32 got)
func (proofs *Proofs) UnpackWrongRootError(raw []byte) (*ProofsWrongRoot, error) {
	out := new(ProofsWrongRoot)
	if err := proofs.abi.UnpackIntoInterface(out, "WrongRoot", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WarpStandInMetaData contains all meta data concerning the WarpStandIn contract.
var WarpStandInMetaData = bind.MetaData{
	ABI: "[{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"sender\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"messageID\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"bytes\",\"name\":\"message\",\"type\":\"bytes\"}],\"name\":\"SendWarpMessage\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"clear\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"getBlockchainID\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"getVerifiedWarpBlockHash\",\"outputs\":[{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"sourceChainID\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"blockHash\",\"type\":\"bytes32\"}],\"internalType\":\"structWarpBlockHash\",\"name\":\"warpBlockHash\",\"type\":\"tuple\"},{\"internalType\":\"bool\",\"name\":\"valid\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint32\",\"name\":\"index\",\"type\":\"uint32\"}],\"name\":\"getVerifiedWarpMessage\",\"outputs\":[{\"components\":[{\"internalType\":\"bytes32\",\"name\":\"sourceChainID\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"originSenderAddress\",\"type\":\"address\"},{\"internalType\":\"bytes\",\"name\":\"payload\",\"type\":\"bytes\"}],\"internalType\":\"structWarpMessage\",\"name\":\"message\",\"type\":\"tuple\"},{\"internalType\":\"bool\",\"name\":\"valid\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain\",\"type\":\"bytes32\"},{\"internalType\":\"address\",\"name\":\"sender\",\"type\":\"address\"},{\"internalType\":\"bytes\",\"name\":\"payload\",\"type\":\"bytes\"}],\"name\":\"put\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"blockID\",\"type\":\"bytes32\"}],\"name\":\"putBlock\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"payload\",\"type\":\"bytes\"}],\"name\":\"sendWarpMessage\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"messageID\",\"type\":\"bytes32\"}],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "WarpStandIn",
	Bin: "0x60808060405234601557610c1e908161001a8239f35b5f80fdfe6080806040526004361015610012575f80fd5b5f3560e01c908163320cde35146107bb575080634213cf781461078157806352efea6e1461059357806357de65d7146104b15780636f825350146102f3578063ce7f5929146102495763ee5b48eb14610069575f80fd5b346102455760206003193601126102455760043567ffffffffffffffff81116102455760205f6101e5604a6101d46100a86101c3963690600401610a46565b61015160426040959395518381948b8301988b8a527c010000000000000000000000000000000000000000000000000000000060228501527c140000000000000000000000000000000000000000000000000000000060268501523360601b602a8501527fffffffff000000000000000000000000000000000000000000000000000000008260e01b16603e85015284840137810189838201520301601f198101835282610af2565b8051936040519889927fffffffff000000000000000000000000000000000000000000000000000000008a8501978a89528a60228701527f65766d0000000000000000000000000000000000000000000000000000000000602687015260e01b16604685015251809285850190610a74565b81010301601f198101875286610af2565b604051809281928751928391610a74565b8101039060025afa1561023a576020905f5180917f56600c567728a800c0aa927500f831cb451df66a7af570eb4df4dfbf4674887d6040518581528061022f339488830190610a95565b0390a3604051908152f35b6040513d5f823e3d90fd5b5f80fd5b346102455760206003193601126102455760043563ffffffff81168082036102455760405161027781610ad6565b5f81525f6020820152915f91600154116102c2575b5081519081158015906102ba575b156102455760206060936040519384520151602083015215156040820152f35b50801561029a565b90506102ce9150610be6565b506001906001604051916102e183610ad6565b8054835201546020820152908261028c565b346102455760206003193601126102455760043563ffffffff8116908181036102455760405161032281610aba565b5f81525f602082015260606040820152905f925f54116103a9575b508051158015906103a1575b1561024557604091610395835193849381855280518286015273ffffffffffffffffffffffffffffffffffffffff602082015116606086015201516060608085015260a0840190610a95565b90151560208301520390f35b508115610349565b90506103b59150610b15565b506001906002604051916103c883610aba565b8054835273ffffffffffffffffffffffffffffffffffffffff848201541660208401520160405190815f8254926103fe84610b7a565b80845293878116908115610471575060011461042d575b5061042292500382610af2565b60408201528261033d565b90505f9291925260205f2090855f925b828410610457575050509060206104229282010186610415565b60209294508054838588010152019101909185849361043d565b602093506104229592507fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0091501682840152151560051b82010186610415565b34610245576040600319360112610245575f5468010000000000000000811015610566578060016104e492015f55610b15565b50506040516104f281610ad6565b60043581526020810190602435825260015468010000000000000000811015610566578060016105259201600155610be6565b92909261053a57600191518355519101555f80f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f525f60045260245ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b34610245575f600319360112610245575f545f805580610675575b506001545f600155806105bd57005b8060011b907f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff811603610648575f5b8181106105f557005b6002905f817fb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf601555f7fb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf7820155016105ec565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b80600302906003820403610648575f80525f5b81811061069557506105ae565b6003905f817f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e56301555f7f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e5648201557f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e565810161070f8154610b7a565b908161071e575b505001610688565b81601f5f93116001146107355750555b8380610716565b8183526020832061077191601f0160051c7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0190600101610bcb565b808252816020812091555561072e565b34610245575f6003193601126102455760206040517f65766d00000000000000000000000000000000000000000000000000000000008152f35b34610245576060600319360112610245576024359073ffffffffffffffffffffffffffffffffffffffff82168092036102455760443567ffffffffffffffff81116102455761080e903690600401610a46565b61081a83949294610aba565b60043583526020830191825267ffffffffffffffff8111610566576040519361084d6020601f19601f8501160186610af2565b818552368282011161024557815f926020928388013785010152604082019283525f54680100000000000000008110156105665780600161089092015f55610b15565b91909161053a5760029251825573ffffffffffffffffffffffffffffffffffffffff600183019151167fffffffffffffffffffffffff000000000000000000000000000000000000000082541617905501905190815167ffffffffffffffff8111610566576108ff8254610b7a565b601f8111610a03575b50602092601f821160011461098557928192935f9261097a575b50507fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8260011b9260031b1c19161790555b60015468010000000000000000811015610566578060016109789201600155610be6565b005b015190508380610922565b601f19821693835f52805f20915f5b8681106109eb57508360019596106109b4575b505050811b019055610954565b01517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff60f88460031b161c191690558380806109a7565b91926020600181928685015181550194019201610994565b8181111561090857610a3890835f5260205f2090601f840160051c9060208510610a3e575b601f82910160051c039101610bcb565b83610908565b5f9150610a28565b9181601f840112156102455782359167ffffffffffffffff8311610245576020838186019501011161024557565b5f5b838110610a855750505f910152565b8181015183820152602001610a76565b90601f19601f602093610ab381518092818752878088019101610a74565b0116010190565b6060810190811067ffffffffffffffff82111761056657604052565b6040810190811067ffffffffffffffff82111761056657604052565b90601f601f19910116810190811067ffffffffffffffff82111761056657604052565b5f54811015610b4d575f8080526003919091027f290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e5630191565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b90600182811c92168015610bc1575b6020831014610b9457565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602260045260245ffd5b91607f1691610b89565b5f5b828110610bd957505050565b5f82820155600101610bcd565b600154811015610b4d5760015f81815291901b7fb10e2d527612073b26eecdfd717e6a320cf44b4afac2b0732d9fcbe2b7fa0cf6019156",
}

// WarpStandIn is an auto generated Go binding around an Ethereum contract.
type WarpStandIn struct {
	abi abi.ABI
}

// NewWarpStandIn creates a new instance of WarpStandIn.
func NewWarpStandIn() *WarpStandIn {
	parsed, err := WarpStandInMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &WarpStandIn{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *WarpStandIn) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackClear is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x52efea6e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function clear() returns()
func (warpStandIn *WarpStandIn) PackClear() []byte {
	enc, err := warpStandIn.abi.Pack("clear")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClear is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x52efea6e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function clear() returns()
func (warpStandIn *WarpStandIn) TryPackClear() ([]byte, error) {
	return warpStandIn.abi.Pack("clear")
}

// PackGetBlockchainID is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4213cf78.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getBlockchainID() view returns(bytes32)
func (warpStandIn *WarpStandIn) PackGetBlockchainID() []byte {
	enc, err := warpStandIn.abi.Pack("getBlockchainID")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetBlockchainID is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4213cf78.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getBlockchainID() view returns(bytes32)
func (warpStandIn *WarpStandIn) TryPackGetBlockchainID() ([]byte, error) {
	return warpStandIn.abi.Pack("getBlockchainID")
}

// UnpackGetBlockchainID is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4213cf78.
//
// Solidity: function getBlockchainID() view returns(bytes32)
func (warpStandIn *WarpStandIn) UnpackGetBlockchainID(data []byte) ([32]byte, error) {
	out, err := warpStandIn.abi.Unpack("getBlockchainID", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackGetVerifiedWarpBlockHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xce7f5929.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getVerifiedWarpBlockHash(uint32 index) view returns((bytes32,bytes32) warpBlockHash, bool valid)
func (warpStandIn *WarpStandIn) PackGetVerifiedWarpBlockHash(index uint32) []byte {
	enc, err := warpStandIn.abi.Pack("getVerifiedWarpBlockHash", index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetVerifiedWarpBlockHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xce7f5929.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getVerifiedWarpBlockHash(uint32 index) view returns((bytes32,bytes32) warpBlockHash, bool valid)
func (warpStandIn *WarpStandIn) TryPackGetVerifiedWarpBlockHash(index uint32) ([]byte, error) {
	return warpStandIn.abi.Pack("getVerifiedWarpBlockHash", index)
}

// GetVerifiedWarpBlockHashOutput serves as a container for the return parameters of contract
// method GetVerifiedWarpBlockHash.
type GetVerifiedWarpBlockHashOutput struct {
	WarpBlockHash WarpBlockHash
	Valid         bool
}

// UnpackGetVerifiedWarpBlockHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xce7f5929.
//
// Solidity: function getVerifiedWarpBlockHash(uint32 index) view returns((bytes32,bytes32) warpBlockHash, bool valid)
func (warpStandIn *WarpStandIn) UnpackGetVerifiedWarpBlockHash(data []byte) (GetVerifiedWarpBlockHashOutput, error) {
	out, err := warpStandIn.abi.Unpack("getVerifiedWarpBlockHash", data)
	outstruct := new(GetVerifiedWarpBlockHashOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.WarpBlockHash = *abi.ConvertType(out[0], new(WarpBlockHash)).(*WarpBlockHash)
	outstruct.Valid = *abi.ConvertType(out[1], new(bool)).(*bool)
	return *outstruct, nil
}

// PackGetVerifiedWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6f825350.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getVerifiedWarpMessage(uint32 index) view returns((bytes32,address,bytes) message, bool valid)
func (warpStandIn *WarpStandIn) PackGetVerifiedWarpMessage(index uint32) []byte {
	enc, err := warpStandIn.abi.Pack("getVerifiedWarpMessage", index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetVerifiedWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6f825350.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getVerifiedWarpMessage(uint32 index) view returns((bytes32,address,bytes) message, bool valid)
func (warpStandIn *WarpStandIn) TryPackGetVerifiedWarpMessage(index uint32) ([]byte, error) {
	return warpStandIn.abi.Pack("getVerifiedWarpMessage", index)
}

// GetVerifiedWarpMessageOutput serves as a container for the return parameters of contract
// method GetVerifiedWarpMessage.
type GetVerifiedWarpMessageOutput struct {
	Message WarpMessage
	Valid   bool
}

// UnpackGetVerifiedWarpMessage is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x6f825350.
//
// Solidity: function getVerifiedWarpMessage(uint32 index) view returns((bytes32,address,bytes) message, bool valid)
func (warpStandIn *WarpStandIn) UnpackGetVerifiedWarpMessage(data []byte) (GetVerifiedWarpMessageOutput, error) {
	out, err := warpStandIn.abi.Unpack("getVerifiedWarpMessage", data)
	outstruct := new(GetVerifiedWarpMessageOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Message = *abi.ConvertType(out[0], new(WarpMessage)).(*WarpMessage)
	outstruct.Valid = *abi.ConvertType(out[1], new(bool)).(*bool)
	return *outstruct, nil
}

// PackPut is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x320cde35.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function put(bytes32 chain, address sender, bytes payload) returns()
func (warpStandIn *WarpStandIn) PackPut(chain [32]byte, sender common.Address, payload []byte) []byte {
	enc, err := warpStandIn.abi.Pack("put", chain, sender, payload)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPut is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x320cde35.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function put(bytes32 chain, address sender, bytes payload) returns()
func (warpStandIn *WarpStandIn) TryPackPut(chain [32]byte, sender common.Address, payload []byte) ([]byte, error) {
	return warpStandIn.abi.Pack("put", chain, sender, payload)
}

// PackPutBlock is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x57de65d7.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function putBlock(bytes32 chain, bytes32 blockID) returns()
func (warpStandIn *WarpStandIn) PackPutBlock(chain [32]byte, blockID [32]byte) []byte {
	enc, err := warpStandIn.abi.Pack("putBlock", chain, blockID)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPutBlock is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x57de65d7.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function putBlock(bytes32 chain, bytes32 blockID) returns()
func (warpStandIn *WarpStandIn) TryPackPutBlock(chain [32]byte, blockID [32]byte) ([]byte, error) {
	return warpStandIn.abi.Pack("putBlock", chain, blockID)
}

// PackSendWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xee5b48eb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function sendWarpMessage(bytes payload) returns(bytes32 messageID)
func (warpStandIn *WarpStandIn) PackSendWarpMessage(payload []byte) []byte {
	enc, err := warpStandIn.abi.Pack("sendWarpMessage", payload)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSendWarpMessage is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xee5b48eb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function sendWarpMessage(bytes payload) returns(bytes32 messageID)
func (warpStandIn *WarpStandIn) TryPackSendWarpMessage(payload []byte) ([]byte, error) {
	return warpStandIn.abi.Pack("sendWarpMessage", payload)
}

// UnpackSendWarpMessage is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xee5b48eb.
//
// Solidity: function sendWarpMessage(bytes payload) returns(bytes32 messageID)
func (warpStandIn *WarpStandIn) UnpackSendWarpMessage(data []byte) ([32]byte, error) {
	out, err := warpStandIn.abi.Unpack("sendWarpMessage", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// WarpStandInSendWarpMessage represents a SendWarpMessage event raised by the WarpStandIn contract.
type WarpStandInSendWarpMessage struct {
	Sender    common.Address
	MessageID [32]byte
	Message   []byte
	Raw       *types.Log // Blockchain specific contextual infos
}

const WarpStandInSendWarpMessageEventName = "SendWarpMessage"

// ContractEventName returns the user-defined event name.
func (WarpStandInSendWarpMessage) ContractEventName() string {
	return WarpStandInSendWarpMessageEventName
}

// UnpackSendWarpMessageEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SendWarpMessage(address indexed sender, bytes32 indexed messageID, bytes message)
func (warpStandIn *WarpStandIn) UnpackSendWarpMessageEvent(log *types.Log) (*WarpStandInSendWarpMessage, error) {
	event := "SendWarpMessage"
	if len(log.Topics) == 0 || log.Topics[0] != warpStandIn.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(WarpStandInSendWarpMessage)
	if len(log.Data) > 0 {
		if err := warpStandIn.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range warpStandIn.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}
