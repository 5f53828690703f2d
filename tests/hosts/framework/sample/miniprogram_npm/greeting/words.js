exports.hello = (name) => '你好，' + name
