exports.greet = require('./words').hello
